import { text } from 'node:stream/consumers';
import { SiagaError, messageOf } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { referenceRestart } from './reference.ts';
import { goAhead } from './restart-apart.ts';
import type { HelperLine } from './restart-apart.ts';

// The process that `restartApart` starts. Its caller may be gone at any moment: once begun, the work goes on regardless.
if ((await text(process.stdin)) !== goAhead) process.exit();
process.stdout.on('error', () => {});
const say = (line: HelperLine) => void process.stdout.write(`${JSON.stringify(line)}\n`);

try {
  const status = await referenceRestart(
    {
      projectDir: process.argv[2] ?? '.',
      env: process.env,
      progress: (line) => say({ kind: 'progress', line }),
      onSpawn: (pid, name) => say({ kind: 'spawned', pid, name }),
    },
    'api',
  );
  say({ kind: 'done', status });
} catch (error) {
  const unknown = { what: messageOf(error), exitCode: exit.inconclusive };
  const known = error instanceof SiagaError ? error : new SiagaError('restart-failed', unknown);
  const { cause: _, ...facts } = known.facts;
  say({ kind: 'failed', code: known.code, facts });
}
