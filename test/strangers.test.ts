import { type ExpectStatic, describe, test } from 'vitest';
import { startDependency, startStall, type ShopOptions } from './support/chaos/shop.ts';
import { startReceiver } from './support/rig/receiver.ts';
import { envelopeOf, startSiaga } from './support/rig/siaga.ts';
import { copyStrangers } from './support/rig/strangers.ts';

/** A round on a system none of whose signals, states, tags or metrics has a name of the reference system's. */
async function round(expect: ExpectStatic, args: readonly string[], shop: Partial<ShopOptions>) {
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(await startReceiver());
  const supplier = stack.use(await startDependency(100));
  const stall = stack.use(await startStall({ source: supplier.address, ...shop }));
  const { dir } = stack.use(copyStrangers({ url: stall.url }));
  const env = { SIAGA_WEBHOOK_URL: `${receiver.url}/hook`, SIAGA_OWNER: 'test' };
  const ended = await startSiaga(['check', '--json', ...args], { dir, env }).ended;
  const messages = receiver.take().map(({ body }) => (body as { readonly text: string }).text);
  const envelope = envelopeOf(ended);
  expect(envelope.results.length, ended.stderr).toBeGreaterThan(0);
  return { envelope, messages };
}

const nobody = '127.0.0.1:9';

describe.concurrent('a round on a system whose names are all its own', { timeout: 120_000 }, () => {
  test('finds it hard down by the signal that the runbook declares, and says so', async ({ expect }) => {
    const { envelope, messages } = await round(expect, [], { vault: () => false });
    expect(envelope).toMatchObject({ verdict: 'failed', exitCode: 1, incidents: [{ severity: 'SEV-0' }] });
    expect(messages[0]).toMatch(/SEV-0 .*Down for .*: vault/s);
  });

  test.for<[string, Partial<ShopOptions>, string, number, RegExp]>([
    ['well', {}, 'passed', 0, /^$/],
    ['degraded', { source: nobody }, 'failed', 1, /stale: expected false, got true/],
    ['slow', { takesMs: 1_200 }, 'inconclusive', 3, /^time-to-answer p95 .* too few samples to decide/],
  ])('in one pass finds it %s', async ([, shop, verdict, exitCode, why], { expect }) => {
    const { envelope } = await round(expect, ['--no-stay'], shop);
    expect(envelope, envelope.reason).toMatchObject({ verdict, exitCode });
    expect(envelope.reason).toMatch(why);
  });
});
