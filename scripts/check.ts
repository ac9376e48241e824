// The whole check that is fast enough to run before every commit: format, lint, types, dead code, unit tests.
import { describeResult, runStep } from './step.ts';
import { staticSteps, unitTests } from './steps.ts';

const started = performance.now();
const quietUnits = { ...unitTests, args: [...unitTests.args, '--reporter=dot'] };
const results = await Promise.all(
  [...staticSteps, quietUnits].map(async (step) => {
    const result = await runStep(step);
    process.stdout.write(describeResult(result));
    return result;
  }),
);
const failed = results.filter(({ ok }) => !ok).map(({ step }) => step.name);
const seconds = ((performance.now() - started) / 1_000).toFixed(1);
process.stdout.write(
  failed.length === 0 ? `all clean in ${seconds} s\n` : `failed: ${failed.join(', ')} (${seconds} s)\n`,
);
process.exitCode = failed.length === 0 ? 0 : 1;
