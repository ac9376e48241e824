import { describe, expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { foldLedger, pendingChanges } from './ledger.ts';

const event = (
  run: string,
  type: 'fault.planned' | 'fault.injected' | 'fault.proof' | 'fault.removed' | 'fault.stuck',
  fault: string,
): SiagaEvent => ({ run, type, data: { fault, proxy: 'source', proven: true } }) as unknown as SiagaEvent;

test.each<[string, readonly SiagaEvent[], readonly string[]]>([
  ['a fault that was only planned', [event('a', 'fault.planned', 'fault-1')], ['a fault-1']],
  [
    'one that could not be undone',
    [event('a', 'fault.planned', 'fault-1'), event('a', 'fault.stuck', 'fault-1')],
    ['a fault-1'],
  ],
  [
    'none that was undone, even if it was stuck first',
    [
      event('a', 'fault.planned', 'fault-1'),
      event('a', 'fault.stuck', 'fault-1'),
      event('a', 'fault.removed', 'fault-1'),
    ],
    [],
  ],
  [
    'those of each run by themselves, the latest first',
    [
      event('a', 'fault.planned', 'fault-1'),
      event('a', 'fault.planned', 'fault-2'),
      event('b', 'fault.planned', 'fault-1'),
      event('a', 'fault.removed', 'fault-1'),
    ],
    ['b fault-1', 'a fault-2'],
  ],
])('pending is %s', (_, events, ids) => {
  const pending = pendingChanges(events).map((each) =>
    each.kind === 'fault' ? `${each.run} ${each.planned.fault}` : each.place,
  );
  expect(pending).toEqual(ids);
});

const off = { values: { FALLBACK: 'off' }, before: { FALLBACK: 'on' } };

type Told = Draft & { readonly run?: string; readonly boot?: string };
const events = (...told: readonly Told[]): readonly SiagaEvent[] =>
  told.map(({ run = 'r1', boot = 'runner', ...draft }, index) => ({
    ...draft,
    v: 1,
    seq: index + 1,
    run,
    boot,
    at: 0,
    mono: 0,
  })) as readonly SiagaEvent[];

const planned = (more: Partial<Told> = {}, place = 'http://a/toggles'): Told =>
  ({
    type: 'toggle.planned',
    data: { ...off, experiment: 'e', purpose: 'prepare', via: 'restart', place },
    ...more,
  }) as Told;
const applied = (purpose: 'prepare' | 'restore', ok: boolean, more: Partial<Told> = {}): Told =>
  ({
    type: 'toggle.applied',
    data: {
      values: { FALLBACK: purpose === 'restore' ? 'on' : 'off' },
      purpose,
      via: 'restart',
      durationMs: 1,
      ok,
    },
    ...more,
  }) as Told;
const read = (FALLBACK: string, more: Partial<Told> = {}): Told =>
  ({ type: 'toggle.read', data: { values: { FALLBACK }, abnormal: [], ok: true }, ...more }) as Told;

const later = { run: 'r2', boot: 'other' };
const reason = 'FALLBACK was not reported by http://a/toggles';
const silent = {
  type: 'toggle.read',
  data: { values: { LIMIT: '60' }, abnormal: [], ok: false, reason },
  ...later,
} as Told;

describe('toggles that are not undone', () => {
  test.each<[string, readonly Told[], readonly string[]]>([
    ['a change that was only planned is pending', [planned()], ['r1']],
    ['a change that was made is pending', [planned(), applied('prepare', true), read('off')], ['r1']],
    [
      'a restore that read back undoes it',
      [planned(), applied('prepare', true), applied('restore', true)],
      [],
    ],
    ['a restore that failed does not', [planned(), applied('restore', false)], ['r1']],
    ['nor the restore of another run', [planned(), applied('restore', true, later)], ['r1']],
    ['what its runner reads does not: the change may be on its way', [planned(), read('on')], ['r1']],
    ['what a later run reads as before does', [planned(), read('on', later)], []],
    ['what a later run reads as it was set does not', [planned(), read('off', later)], ['r1']],
    ['A7: what is not told does not', [planned(), silent], ['r1']],
    ['a third value is somebody else’s and undoes it', [planned(), read('auto', later)], []],
    [
      'what another reads while the runner still works does not',
      [planned(), read('on', later), applied('prepare', true)],
      ['r1'],
    ],
    ['of two runs the latest comes first', [planned(), planned({ run: 'r3', boot: 'third' })], ['r3', 'r1']],
  ])('%s', (_, told, runs) => {
    expect(pendingChanges(events(...told)).map(({ run }) => run)).toEqual(runs);
  });

  test('are of one system each', () => {
    const [entry] = pendingChanges(events(planned({}, 'http://b/toggles')));
    expect(entry).toMatchObject({
      place: 'http://b/toggles',
      changes: { FALLBACK: { before: 'on', set: ['off'] } },
    });
  });
});

const states = (all: readonly (readonly SiagaEvent[])[]) => all.map((each) => foldLedger(each)[0]?.state);

describe('how far a change has come', () => {
  const toggles: readonly (readonly [string, Told])[] = [
    ['planned', planned()],
    ['applied', applied('prepare', true)],
    ['confirmed', read('off')],
    ['stuck', applied('restore', false)],
    ['undone', applied('restore', true)],
  ];
  const faults = [
    ['planned', 'fault.planned'],
    ['applied', 'fault.injected'],
    ['confirmed', 'fault.proof'],
    ['stuck', 'fault.stuck'],
    ['undone', 'fault.removed'],
  ] as const;

  test('is the same for toggles and for faults', () => {
    const ofToggles = toggles.map((_, n) => events(...toggles.slice(0, n + 1).map(([, each]) => each)));
    const ofFaults = faults.map((_, n) => faults.slice(0, n + 1).map(([, type]) => event('r1', type, 'f')));
    expect(states(ofToggles)).toEqual(toggles.map(([state]) => state));
    expect(states(ofFaults)).toEqual(faults.map(([state]) => state));
  });

  test('what reads otherwise than it was set is not confirmed', () => {
    const all = events(planned(), applied('prepare', true), read('auto'));
    expect(foldLedger(all)).toMatchObject([{ state: 'applied' }]);
  });

  test('a fault that was asked around in vain is not confirmed', () => {
    const asked = event('r1', 'fault.proof', 'f');
    const all = [event('r1', 'fault.planned', 'f'), event('r1', 'fault.injected', 'f')];
    const unproven = { ...asked, data: { ...asked.data, proven: false } } as SiagaEvent;
    expect(foldLedger([...all, unproven])).toMatchObject([{ state: 'applied' }]);
  });
});
