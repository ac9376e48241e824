import { describe, expect, it } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { down } from './faults.ts';
import { lengthOf } from './plan.ts';
import { timingsOf } from '../projection/timings.ts';
import { assertMayBreak, assertMayStop } from './permission.ts';
import type { ChaosTarget, ResolvedProcess } from './permission.ts';

describe('how long a fault stays', () => {
  it.each([
    ['real time is not scaled', '30s', 30, 30_000],
    ["the runbook's time is, as its windows are", { runbook: '8m' }, 30, 16_000],
    ['at speed 1 both are the same', { runbook: '8m' }, 1, 480_000],
  ] as const)('%s', (_, length, speed, ms) => {
    expect(lengthOf({ proxy: 'p', fault: down(), for: length }, { speed })).toBe(ms);
  });
});

describe('timings', () => {
  let seq = 0;
  const event = (type: string, mono: number, data: object = {}, boot = 'a'): SiagaEvent =>
    ({ v: 1, seq: ++seq, run: 'r', at: 1_000_000 + mono, mono, boot, type, data }) as unknown as SiagaEvent;
  const change = (kind: string, mono: number) => event('incident.transition', mono, { change: { kind } });

  it('are the differences of two cited events', () => {
    const events = [
      change('declared', 10),
      event('fault.injected', 100),
      event('fault.injected', 150),
      change('declared', 700),
      change('mitigated', 900),
      event('fault.removed', 1_000),
      event('fault.removed', 1_100),
      change('recovered', 5_100),
    ];
    const [, injected, , declared, mitigated, , removed, recovered] = events.map((each) => each.seq);
    expect(timingsOf(events, 2_000)).toEqual({
      detect: { ms: 600, from: injected, to: declared, plusMinusMs: 2_000 },
      contain: { ms: 800, from: injected, to: mitigated, plusMinusMs: 2_000 },
      recover: { ms: 4_000, from: removed, to: recovered, plusMinusMs: 2_000 },
    });
  });

  it('are absent where nothing happened', () => {
    expect(timingsOf([event('fault.injected', 0)], 2_000)).toEqual({});
  });
});

const target = (over: Partial<ChaosTarget> = {}): ChaosTarget => ({
  name: 't',
  url: 'http://127.0.0.1:3000',
  proxies: {},
  ...over,
});

describe('what may be broken', () => {
  it.each<[string, Partial<ChaosTarget>, string]>([
    ['this machine', {}, 'http://localhost:8474'],
    ['this machine by another of its addresses', { url: 'http://127.10.20.30' }, 'http://127.0.0.1:8474'],
    ['this machine in IPv6', { url: 'http://[::1]:80' }, 'http://127.1.2.3:8474'],
    [
      'another machine that allows it',
      { url: 'https://staging.example', chaos: 'allowed' },
      'https://toxi.example',
    ],
    [
      'what allows it by name, at the address it was said of',
      { url: 'https://a.example/v2', configured: 'https://a.example', chaos: 'allowed' },
      'https://toxi.example',
    ],
    [
      'the reference system, its address replaced by another of this machine',
      { configured: 'reference', chaos: 'allowed' },
      'http://127.0.0.1:8474',
    ],
  ])('%s', (_, over, toxiproxy) => {
    expect(() => assertMayBreak(target(over), toxiproxy)).not.toThrow();
  });

  const [production, sayIt, ownTarget] = [
    'production is never broken',
    "chaos: 'allowed'",
    'a target of its own',
  ];
  it.each<[string, Partial<ChaosTarget>, string, string]>([
    [
      'production, whatever it allows',
      { production: true, chaos: 'allowed' },
      'http://127.0.0.1:8474',
      production,
    ],
    ['this machine where it is forbidden', { chaos: 'forbidden' }, 'http://127.0.0.1:8474', sayIt],
    ['another machine', { url: 'http://10.0.0.1' }, 'http://127.0.0.1:8474', sayIt],
    [
      'what allows it by name, moved to an address that nobody allowed',
      { url: 'https://b.example', configured: 'https://a.example', chaos: 'allowed' },
      'http://127.0.0.1:8474',
      ownTarget,
    ],
    [
      'hostile 11: what allows it by name, moved to this machine, its Toxiproxy elsewhere',
      { url: 'http://127.0.0.1:3000', configured: 'https://a.example', chaos: 'allowed' },
      'https://toxi.example',
      ownTarget,
    ],
    [
      'hostile 11: what allows it by name on this machine, moved to another port, its Toxiproxy elsewhere',
      { url: 'http://127.0.0.1:3001', configured: 'http://127.0.0.1:3000', chaos: 'allowed' },
      'https://toxi.example',
      ownTarget,
    ],
    [
      'the reference system, moved to another machine',
      { url: 'http://10.0.0.1', configured: 'reference', chaos: 'allowed' },
      'http://127.0.0.1:8474',
      ownTarget,
    ],
    ["another machine's Toxiproxy", {}, 'http://10.0.0.1:8474', sayIt],
    ['a name that only looks local', { url: 'http://127.0.0.1.example' }, 'http://127.0.0.1:8474', sayIt],
  ])('not %s', (_, over, toxiproxy, hint) => {
    expect(() => assertMayBreak(target(over), toxiproxy)).toThrow(
      expect.objectContaining({
        code: 'chaos-forbidden',
        exitCode: 2,
        facts: expect.objectContaining({ hint: expect.stringContaining(hint) }),
      }),
    );
  });
});

describe('which processes may be stopped', () => {
  const probe = { kind: 'tcp' } as unknown as ResolvedProcess['probe'];
  const processes = { near: { address: '127.0.0.1:4000', probe }, far: { address: '10.0.0.1:4000', probe } };

  it.each<[string, Partial<ChaosTarget>, readonly string[]]>([
    ['one of this machine, where chaos is allowed', { chaos: 'allowed', processes }, ['near']],
    ['none, whatever the target allows', {}, []],
  ])('%s', (_, over, names) => {
    expect(() => assertMayStop(target(over), names)).not.toThrow();
  });

  it.each<[string, Partial<ChaosTarget>, readonly string[], string]>([
    ['one of this machine that nobody allowed by name', { processes }, ['near'], 'no chaos of its processes'],
    [
      'one of another machine',
      { chaos: 'allowed', processes },
      ['near', 'far'],
      'the process far is on another machine',
    ],
  ])('not %s', (_, over, names, got) => {
    expect(() => assertMayStop(target(over), names)).toThrow(
      expect.objectContaining({ code: 'chaos-forbidden', facts: expect.objectContaining({ got }) }),
    );
  });
});
