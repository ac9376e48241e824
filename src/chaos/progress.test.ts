import { describe, expect, it } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import { advance, alarm, loadStop, untouched } from './progress.ts';
import { Sight } from './sight.ts';
import type { Stop } from './stop.ts';

const by = { signal: 'rest.latency', got: 'p95 900 ms', allowed: 'p95 <= 650 ms', since: 0, evidence: [] };

const transition = (change: object, drill = true): SiagaEvent =>
  ({ type: 'incident.transition', data: { drill, effectiveAt: 1_000, change } }) as unknown as SiagaEvent;

const after = (...changes: readonly Partial<IncidentChange>[]) =>
  changes.map((change) => transition(change)).reduce(advance, untouched);

describe('how far an incident has come', () => {
  it('mutant: worse again is no longer mitigated', () => {
    expect(after({ kind: 'declared', by }, { kind: 'mitigated' }).mitigated).toBe(true);
    expect(after({ kind: 'declared', by }, { kind: 'mitigated' }, { kind: 'worsened' }).mitigated).toBe(
      false,
    );
  });

  it('worse, and users still spared, is mitigated: a fault that waits for that is taken out', () => {
    const worse = after(
      { kind: 'declared', by },
      { kind: 'mitigated' },
      { kind: 'worsened', to: 'mitigated' },
    );
    expect(worse.mitigated).toBe(true);
  });

  it('is over once closed', () => {
    expect(after({ kind: 'declared', by }, { kind: 'closed' })).toMatchObject({
      open: false,
      recovered: false,
      mitigated: false,
    });
  });

  it('knows nothing of an incident that began before it', () => {
    expect(after({ kind: 'mitigated' }, { kind: 'hold-reset' })).toEqual({
      open: false,
      declared: false,
      mitigated: false,
      recovered: false,
      proposals: 0,
      fired: [],
    });
  });

  it('knows how often the engine asked to put the toggles back, and what joined', () => {
    const asked = after(
      { kind: 'declared', by },
      { kind: 'signal-joined', by: { ...by, signal: 'db.up' } },
      { kind: 'restore-proposed' },
      { kind: 'restore-proposed' },
    );
    expect(asked).toMatchObject({
      open: true,
      declared: true,
      proposals: 2,
      fired: ['rest.latency', 'db.up'],
    });
  });

  it.each(['mitigated-stable', 'restored', 'verifying', 'recovered'] as const)(
    'users are well while it is %s',
    (kind) => {
      expect(after({ kind: 'declared', by }, { kind: 'worsened' }, { kind }).mitigated).toBe(true);
    },
  );

  it('begins with what reopens it, whoever declared it', () => {
    expect(after({ kind: 'reopened', by })).toMatchObject({ open: true, declared: true });
  });

  it('is moved by nothing but the incident itself', () => {
    expect(
      advance(untouched, { ...transition({ kind: 'declared', by }), type: 'toggle.read' } as never),
    ).toBe(untouched);
  });

  it('is over once recovered, and open again once reopened', () => {
    const over = [{ kind: 'declared', by }, { kind: 'mitigated' }, { kind: 'recovered' }] as const;
    expect(after(...over)).toMatchObject({ open: false, recovered: true });
    expect(after(...over, { kind: 'reopened', by })).toMatchObject({
      open: true,
      recovered: false,
      mitigated: false,
      fired: ['rest.latency', 'rest.latency'],
    });
  });
});

describe('an alarm', () => {
  const down = { ...by, signal: 'orders.rate', subject: { kind: 'hard-down' } };
  it.each<[string, SiagaEvent, Stop['kind'] | undefined]>([
    ['the system is down altogether, as expected', transition({ kind: 'declared', by: down }), undefined],
    ['what is expected fires', transition({ kind: 'declared', by }), undefined],
    ['what is not fires', transition({ kind: 'declared', by: { ...by, signal: 'db.up' } }), 'undeclared'],
    [
      'what is not joins',
      transition({ kind: 'signal-joined', by: { ...by, signal: 'db.up' } }),
      'undeclared',
    ],
    ['mutant: something fires that is no drill', transition({ kind: 'declared', by }, false), 'other-target'],
    ['nothing fires', transition({ kind: 'mitigated' }), undefined],
  ])('%s', (_, told, kind) => {
    expect(alarm(told, ['rest.latency', 'hard-down'], new Sight())?.kind).toBe(kind);
  });

  it('says what fired, and what was allowed', () => {
    const told = [true, false].map((drill) => transition({ kind: 'declared', by }, drill));
    expect(told.map((each) => alarm(each, [], new Sight())?.message)).toEqual([
      'rest.latency fired (p95 900 ms, allowed p95 <= 650 ms), which the experiment does not expect',
      'rest.latency fired (p95 900 ms, allowed p95 <= 650 ms), and this is no drill',
    ]);
  });
});

const event = (type: string, data: object): SiagaEvent => ({ type, data }) as unknown as SiagaEvent;

describe('hostile 1: a load that is not there', () => {
  const started = event('load.started', {});
  const ended = event('load.finished', { outcome: 'inconclusive', reason: 'k6 was killed' });
  const silent = event('load.silent', { load: 'steady' });
  const sampled = (source: string) => event('samples', { source });
  it.each<[string, readonly SiagaEvent[], Stop['kind'] | undefined]>([
    ['none was started', [sampled('probe')], undefined],
    ['it runs', [started, sampled('load')], undefined],
    ['it has ended', [started, ended, sampled('probe')], 'load-ended'],
    ['the next one runs', [started, ended, started], undefined],
    ['it stands still', [started, silent, sampled('probe')], 'load-silent'],
    ['it goes on', [started, silent, sampled('load')], undefined],
    ['its last samples come after its end', [started, ended, sampled('load')], 'load-ended'],
  ])('%s', (_, events, kind) => {
    expect(events.reduce<Stop | undefined>(loadStop, undefined)?.kind).toBe(kind);
  });

  it('is told with why it ended, as far as that is known', () => {
    const ends = [{ outcome: 'failed', reason: 'k6 was killed' }, { outcome: 'passed' }];
    const told = ends.map((data) => loadStop(undefined, event('load.finished', data))?.message);
    expect(told).toEqual([
      'the load ended (k6 was killed) while it was needed',
      'the load ended (passed) while it was needed',
    ]);
  });
});
