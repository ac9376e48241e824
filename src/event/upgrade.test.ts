import { describe, expect, test } from 'vitest';
import type { ExperimentFinished, ExperimentReason, Invocation, RunPhase, RunStarted } from './catalogue.ts';
import type { SiagaEvent } from './envelope.ts';
import { payloads } from './shapes/catalogue.ts';
import { upgrade } from './upgrade.ts';

const stamped = { v: 1, seq: 1, run: 'r', at: 0, mono: 0, boot: 'b' } as const;
const started = (data: Partial<RunStarted>) =>
  upgrade({ ...stamped, type: 'run.started', data } as SiagaEvent).data as RunStarted;
const phase = (data: RunPhase) =>
  (upgrade({ ...stamped, type: 'run.phase', data }) as SiagaEvent & { readonly data: RunPhase }).data;

describe('how a run of an earlier version was called is read from the command line that repeats it', () => {
  test.each<[called: string | undefined, repeat: string, Invocation | undefined]>([
    [undefined, 'siaga gameday --speed 30', { words: 'gameday' }],
    [
      'npx siaga',
      "npx siaga check -C 'my shop' --target x",
      { words: 'check', project: 'my shop', target: 'x' },
    ],
    ['npx siaga', String.raw`npx siaga check -C 'it'\''s'`, { words: 'check', project: "it's" }],
    [
      'npm run -s siaga --',
      'npm run -s siaga -- load smoke --rate 5 -e NAME=x --speed 30 --target staging',
      { words: 'load smoke --rate 5 -e NAME=x', target: 'staging' },
    ],
    [
      'npx siaga',
      'SIAGA_TARGET_URL=http://127.0.0.1:9 npx siaga check -C shop',
      { words: 'check', project: 'shop', address: 'http://127.0.0.1:9' },
    ],
    ['npx siaga', "npx siaga gate --up 'docker compose up'", { words: "gate --up 'docker compose up'" }],
    ['npx siaga', 'something else', undefined],
  ])('called %s: %s', (called, repeat, invocation) => {
    expect(started({ repeat, ...(called !== undefined && { called }) }).invocation).toEqual(invocation);
  });

  test('unless it says so itself', () => {
    const invocation = { words: 'check' };
    expect(started({ repeat: 'siaga gameday', invocation }).invocation).toBe(invocation);
  });
});

describe('what part of a run an earlier version began is read from its name', () => {
  test.each<[RunPhase, RunPhase['part']]>([
    [{ phase: 'staying' }, 'staying'],
    [{ phase: 'load', detail: 'once more: late' }, 'load'],
    [{ phase: 'provider-down', drill: true }, 'experiment'],
    [{ phase: 'staying', drill: true }, 'experiment'],
    [{ phase: 'after' }, undefined],
    [{ phase: 'staying', part: 'checks' }, 'checks'],
  ])('%o', (data, part) => {
    expect(phase(data).part).toBe(part);
  });
});

const codesOf = (verdict: string, ...reasons: readonly string[]) =>
  (
    upgrade({
      ...stamped,
      type: 'experiment.finished',
      data: { name: 'x', verdict, reasons, timings: {} },
    } as SiagaEvent).data as ExperimentFinished
  ).because;

describe('why an experiment of an earlier version ended is read from its words', () => {
  test.each<[string, ExperimentReason]>([
    ['interrupted; everything was undone', 'interrupted'],
    ['the guard ended: without it nothing is broken on purpose', 'guard-lost'],
    ['no steady state: price: status got 503, allowed 200', 'steady-state'],
    ['toggles are not normal: SAVING is on, not off', 'steady-state'],
    ['the toggles cannot be read from the system', 'steady-state'],
    ['someone else changed fault-1 while it was on: the proxy is enabled', 'tampered'],
    ['someone else changed Toxiproxy during the experiment: a toxic is gone', 'tampered'],
    ['coinapi went away during fault-1: no answer', 'toxiproxy-lost'],
    ['the load ended (failed) while it was needed', 'load-ended'],
    ['the load steady stands still while it is needed', 'load-silent'],
    ['db.latency fired, and this is no drill', 'other-target'],
    ['db.latency fired, which the experiment does not expect', 'undeclared'],
    [
      'db.latency fired, which the experiment does not expect; this machine was too busy to measure for 1 s of 2 s',
      'unseen',
    ],
    ['Toxiproxy did not answer for 1 s of 2 s: nobody knows what it did meanwhile', 'unseen'],
    ['the load stood still for 1 s of 2 s: nobody used the system meanwhile', 'unseen'],
    ['this machine was too busy to measure for 1 s of 2 s: probes were up to 9 ms late', 'unseen'],
    ['fault-1 on coinapi was removed by someone else while it was on', 'fault-gone'],
    ['the process of fault-1 on api ended while it was on', 'fault-gone'],
    ['fault-1 on coinapi is not proven: 5 of 5 probes got through it', 'unproven'],
    ['no fault was proven', 'unproven'],
    ['the fault on coinapi did not read back as it was set', 'unproven'],
    ['not recovered within 80 s', 'not-recovered'],
    ['toggles were left changed: SAVING is on, not off', 'left-behind'],
    ['left behind: a toxic', 'left-behind'],
    ['fault-1 on coinapi could not be taken out: refused', 'left-behind'],
    ['the price comes: got nothing, allowed a price', 'broken'],
  ])('%s', (words, code) => {
    expect(codesOf('inconclusive', words, 'interrupted; everything was undone')).toEqual([
      code,
      'interrupted',
    ]);
  });

  test('where nothing but expectations decided, an inconclusive one was not decided, another one is broken', () => {
    const words = ['a: got 1, allowed 2', 'b: got 1, allowed 2'];
    expect(codesOf('inconclusive', ...words)).toEqual(['undecided', 'undecided']);
    expect(codesOf('weakness', ...words)).toEqual(['broken', 'broken']);
  });

  test('not where one of them has other words', () => {
    expect(codesOf('aborted', 'the lease is over', 'no fault was proven')).toBeUndefined();
    expect(codesOf('held')).toEqual([]);
  });
});

const transition = (data: object) => upgrade({ ...stamped, type: 'incident.transition', data } as never).data;
const by = (name: string, facts: object = {}) => ({
  signal: `hard-down: ${name}`,
  subject: { kind: 'hard-down', name, ...facts },
  got: 'down for 15 s',
});

describe('what an earlier version said of hard down in words is a reason by its code', () => {
  test.each([
    ['ready', 'ready', 'ready'],
    ['every core check', 'core-checks', 'core-checks'],
    ['connection refused', 'refused', 'refused'],
    ['failed handshake', 'handshake', 'handshake'],
    ['db.up', 'db.up', 'signal'],
  ])('%s', (then, name, reason) => {
    const change = { kind: 'declared', by: by(then) };
    expect(transition({ change })).toEqual({ change: { kind: 'declared', by: by(name, { reason }) } });
  });

  test('wherever a transition names it', () => {
    const signals = ['rest.errors', 'hard-down: every core check'];
    const because = 'not known: every core check';
    expect(
      transition({
        change: { kind: 'mitigated', because, unknown: ['every core check', 'rest.errors'] },
        state: { signals },
      }),
    ).toEqual({
      change: { kind: 'mitigated', because, unknown: ['core-checks', 'rest.errors'] },
      state: { signals: ['rest.errors', 'hard-down: core-checks'] },
    });
  });

  test('a criterion on hard down stays as it is, and so does what says its reason itself', () => {
    const criteria = [{ kind: 'hard-down', name: 'nothing says that the system is down', met: true }];
    const change = { kind: 'recovered', criteria, by: by('ready', { reason: 'signal' }) };
    expect(transition({ change })).toEqual({ change });
  });
});

test('the band between good and bad, which earlier versions called limbo, is hysteresis', () => {
  const reading = { signal: 'x', n: 1, value: 1 };
  const written = {
    incident: 'INC-1',
    hold: 'recovery',
    from: 0,
    count: 0,
    of: 10,
    band: 'limbo',
    readings: [
      { ...reading, band: 'limbo' },
      { ...reading, band: 'good' },
    ],
  };
  expect(payloads['incident.bucket'].fault(written)).toBeUndefined();
  const { data } = upgrade({ ...stamped, type: 'incident.bucket', data: written } as unknown as SiagaEvent);
  expect(data).toMatchObject({ band: 'hysteresis', readings: [{ band: 'hysteresis' }, { band: 'good' }] });
});
