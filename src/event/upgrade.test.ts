import { describe, expect, test } from 'vitest';
import type { Invocation, RunPhase, RunStarted } from './catalogue.ts';
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
