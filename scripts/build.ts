// The package as it is published: bundles of JavaScript and the declarations of what is public, in an empty dist/.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { bundle } from './bundle.ts';
import { keepReached } from './declarations.ts';
import { describeResult, root, runStep } from './step.ts';

const dist = join(root, 'dist');
rmSync(dist, { recursive: true, force: true });
const [types] = await Promise.all([
  runStep({ name: 'declarations', tool: 'tsc', args: ['-p', 'tsconfig.build.json'] }),
  bundle(dist),
]);
keepReached(dist, ['index.d.ts', 'runbook/types.d.ts']);
process.stderr.write(describeResult(types));
process.exitCode = types.ok ? 0 : 1;
