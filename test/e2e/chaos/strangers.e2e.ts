import { describe, test } from 'vitest';
import { startDependency, startStall } from '../../support/chaos/shop.ts';
import { startToxiproxy } from '../../support/chaos/toxiproxy.ts';
import { startReceiver } from '../../support/rig/receiver.ts';
import { type RunningSiaga, envelopeOf, experimentIn, startSiaga } from '../../support/rig/siaga.ts';
import { copyStrangers } from '../../support/rig/strangers.ts';

// A system none of whose signals, states, tags or metrics has a name of the reference system's. Only the reference
// system is measured faster than in real minutes, so that this drill takes about six of them, and mostly waits.
interface Drill {
  readonly running: RunningSiaga;
  /** Texts that came to the webhook. */
  messages(): readonly string[];
}

async function drill(stack: AsyncDisposableStack, supplied: boolean): Promise<Drill> {
  const receiver = stack.use(await startReceiver());
  const toxiproxy = stack.use(await startToxiproxy());
  const supplier = stack.use(await startDependency(100));
  const source = await toxiproxy.proxy('source', supplied ? supplier.address : '127.0.0.1:9');
  const stall = stack.use(await startStall({ source }));
  const project = stack.use(copyStrangers({ url: stall.url, toxiproxy: toxiproxy.url }));
  const env = { SIAGA_WEBHOOK_URL: `${receiver.url}/hook`, SIAGA_OWNER: 'test' };
  return {
    running: startSiaga(['chaos', 'run', 'supplier-gone', '--json'], { dir: project.dir, env }),
    messages: () => receiver.take().map(({ body }) => (body as { readonly text: string }).text),
  };
}

describe.concurrent('a drill on a system whose names are all its own', { timeout: 900_000 }, () => {
  test('holds by the roles that its runbook declares, and its messages quote its symptoms', async ({
    expect,
  }) => {
    await using stack = new AsyncDisposableStack();
    const { running, messages } = await drill(stack, true);
    const ended = await running.ended;
    const texts = messages();
    const envelope = envelopeOf(ended);
    const { verdict, reasons, expectations } = experimentIn(envelope);
    const told = [ended.stderr, ...texts].join('\n');
    expect({ verdict, reasons, exitCode: envelope.exitCode }, told).toEqual({
      verdict: 'held',
      reasons: [],
      exitCode: 0,
    });
    expect(expectations.map(({ id, got }) => [id, got])).toEqual([
      ['steady-state.quote', 'passed'],
      ['during.1', 'open'],
      ['during.2', expect.any(String)],
      ['during.3', 'delivered over ops'],
      ['after.1', expect.stringMatching(/half-open → closed$/)],
      ['after.2', expect.stringMatching(/ recovered$/)],
    ]);
    const [declared = '', ...rest] = texts;
    expect(declared).toMatch(/SEV-2 stall.*The supplier is not asked: the fuse is out: 30, limit below 30/s);
    expect(declared).toMatch(/^p95 .+, errors \S+% \(/m);
    expect(rest.at(-1)).toMatch(/\[RESOLVED\]/);
  });

  test('does not begin while answers are degraded by the state that its runbook declares', async ({
    expect,
  }) => {
    await using stack = new AsyncDisposableStack();
    const { running } = await drill(stack, false);
    const { verdict, reasons } = experimentIn(envelopeOf(await running.ended));
    expect([verdict, reasons]).toEqual(['aborted', ['no steady state: quote: answers degraded']]);
  });
});
