import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { defineExperiment } from '../../../src/chaos/definition.ts';
import type { FaultPlan } from '../../../src/chaos/definition.ts';
import { down, frozen, killed, latency } from '../../../src/chaos/faults.ts';
import { runExperiment } from '../../../src/chaos/experiment-run.ts';
import { own } from '../../../src/chaos/own-fault.ts';
import { holdHooks } from '../../../src/project/hooks.ts';
import { startCommand } from './apart.ts';
import { price, setStage } from './stage.ts';

// As a project's own file is read: what it imports as `siaga` are these sources.
holdHooks(new URL('../../projects/own/', import.meta.url).href);
const { default: spoolFull } = await import('../../projects/own/faults/spool-full.ts');

// A runner that is going to be killed: its arguments are Toxiproxy, the shop, the run's id, the fault, the store, and
// how many milliseconds the command takes that sets a toggle. Without the last it sets none.
const [toxiproxy = '', shop = '', run = '', kind = '', path = '', slowness] = process.argv.slice(2);
// `latency`, `latency for 10s`, `frozen at 127.0.0.1:4000`, or `spool-full at /tmp/folder`.
const [broken = '', time = '2s'] = kind.split(' for ') as [string, '2s' | undefined];
const [fault = '', address = ''] = broken.split(' at ');
const script = `setTimeout(() => fetch('${shop}/toggles', {
  method: 'POST',
  body: JSON.stringify({ FALLBACK: process.env.FALLBACK, SAVING: process.env.SAVING }),
}), ${slowness})`;
const change = {
  kind: 'command',
  command: [process.execPath, '-e', script],
  cwd: process.cwd(),
  secrets: [],
} as const;
const method = { via: 'command', read: { url: `${shop}/toggles` }, change, timeoutMs: 10_000 };
const store = { path, target: 'shop' };
const restart = { command: startCommand(100, Number(address.split(':')[1])), timeout: '5s' } as const;
const source = { dependency: 'source', address, probe: { kind: 'http', path: '/price' }, restart } as const;
const plans: Readonly<Record<string, FaultPlan>> = {
  down: { proxy: 'source', fault: down(), for: time },
  frozen: { process: 'source', fault: frozen(), for: '10s' },
  killed: { process: 'source', fault: killed(), for: '10s' },
  'spool-full': { fault: own(spoolFull, { folder: address, bytes: 1_000 }), for: '10s' },
};
const stage = await setStage({
  ...(toxiproxy !== '' && { toxiproxy }),
  shop,
  run,
  store,
  processes: { source },
  faults: new Map([
    ['spool-full', fileURLToPath(new URL('../../projects/own/faults/spool-full.ts', import.meta.url))],
  ]),
  ...(slowness !== undefined && { method }),
});
stage.journal.subscribe((event) => {
  if (event.type === 'experiment.phase') process.stdout.write(`${event.data.phase}\n`);
  else if (/^(fault|toggle)\./.test(event.type)) process.stdout.write(`${event.type}\n`);
});

// One child that is announced, and one that is only marked.
const owned = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
stage.context.guard.own(owned.pid ?? 0);
const marked = { ...process.env, SIAGA_OWNER: run };
spawn('sleep', ['600'], { detached: true, stdio: 'ignore', env: marked });
process.stdout.write(`child ${owned.pid}\n`);

await runExperiment(
  defineExperiment<string>({
    name: 'to-be-killed',
    requirements: [],
    hypothesis: 'whoever is killed leaves nothing behind',
    target: { name: 'shop', proxies: { source: {} } },
    steadyState: [price],
    load: { scenario: 'none', rate: 1 },
    faults: [plans[fault] ?? { proxy: 'source', fault: latency('200ms'), for: time }],
    expects: [],
    ...(slowness !== undefined && { prepare: { FALLBACK: 'off' } }),
    during: [],
    after: [],
  }),
  stage.context,
);
process.stdout.write('finished\n');
await sleep(60_000);
