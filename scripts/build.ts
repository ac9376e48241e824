// The package as it is published: plain tsc, JavaScript and declarations, from an empty dist/.
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { describeResult, root, runStep } from './step.ts';

rmSync(join(root, 'dist'), { recursive: true, force: true });
const result = await runStep({ name: 'build', tool: 'tsc', args: ['-p', 'tsconfig.build.json'] });
process.stderr.write(describeResult(result));
process.exitCode = result.ok ? 0 : 1;
