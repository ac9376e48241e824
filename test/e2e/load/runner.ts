// A process of its own that runs a load, so that a test can kill it: k6's path, the target, the script, the folder.
import { k6From } from '../../../src/adapter/k6/k6.ts';
import { systemClock } from '../../../src/adapter/system.ts';
import { startLoad } from '../../../src/load/run.ts';
import { compileJudge } from '../../../src/runbook/judge.ts';
import { memoryJournal } from '../../../src/store/memory.ts';
import runbook from '../../../runbook.ts';

const [path = '', url = '', script = '', folder = ''] = process.argv.slice(2);
const load = await startLoad(
  { name: 'orphan', script },
  {
    journal: memoryJournal({ run: 'x', target: 'x', clock: systemClock, boot: 'x', onProblem: () => {} }),
    clock: systemClock,
    k6: k6From({ path, version: '0.0.0' }),
    runFolder: folder,
    target: { url, headers: {}, maxRate: 500 },
    judge: compileJudge(runbook, { speed: 30, loadRunning: true, coreChecks: [] }),
    onSpawn: (pid) => process.stdout.write(`${pid}\n`),
  },
);
await load.ready;
process.stdout.write('flowing\n');
