import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startDependency, startShop } from './support/chaos/shop.ts';
import { startReceiver, type Receiver } from './support/rig/receiver.ts';
import { envelopeOf, startSiaga } from './support/rig/siaga.ts';
import { root } from './support/sources.ts';

// A system none of whose signals, states, tags or metrics has a name of the reference system's.
const stack = new AsyncDisposableStack();
const project = mkdtempSync(join(tmpdir(), 'siaga-strangers-'));
let receiver: Receiver;

beforeAll(async () => {
  receiver = stack.use(await startReceiver());
  const supplier = stack.use(await startDependency(100));
  const stall = stack.use(await startShop({ source: supplier.address, fused: true, vault: () => false }));
  cpSync(join(root, 'test/projects/strangers'), project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/siaga'));
  const config = join(project, 'siaga.config.ts');
  const text = readFileSync(config, 'utf8').replace('http://127.0.0.1:9', stall.url);
  writeFileSync(config, text.replace(/ *toxiproxy: .*\n/, ''));
});
afterAll(async () => {
  await stack.disposeAsync();
  rmSync(project, { recursive: true, force: true });
});

test('a round finds it hard down by the signal that the runbook declares, and says so', async () => {
  const env = { SIAGA_WEBHOOK_URL: `${receiver.url}/hook`, SIAGA_OWNER: 'test' };
  const ended = await startSiaga(['check', '--json'], { dir: project, env }).ended;
  const envelope = envelopeOf(ended);
  expect(envelope, ended.stderr).toMatchObject({ verdict: 'failed', exitCode: 1 });
  expect(envelope.incidents).toMatchObject([{ severity: 'SEV-0' }]);
  const [first] = receiver.take().map(({ body }) => body as { readonly text: string });
  expect(first?.text).toMatch(/SEV-0 .*Down for .*: vault/s);
}, 120_000);
