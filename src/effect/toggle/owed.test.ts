import { describe, expect, test } from 'vitest';
import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import { debtsIn, owed, withPlanned } from './owed.ts';

const off = { values: { FALLBACK: 'off' }, before: { FALLBACK: 'on' } };
const contained = {
  values: { FALLBACK: 'on', TTL: '90', LIMIT: '60' },
  before: { FALLBACK: 'off', TTL: '75', LIMIT: '60' },
};
const changes = withPlanned(withPlanned({}, off), contained);

describe('what a dead run owes', () => {
  test.each<[string, Record<string, string>, Record<string, string>, string[], Record<string, string>?]>([
    [
      'what it set goes back to what it was at first',
      { FALLBACK: 'off', TTL: '90', LIMIT: '60' },
      { FALLBACK: 'on', TTL: '75' },
      [],
    ],
    ['what was planned and not made is as before', { FALLBACK: 'on', TTL: '75', LIMIT: '60' }, {}, []],
    [
      'what somebody set since stays',
      { FALLBACK: 'off', TTL: '120', LIMIT: '10' },
      { FALLBACK: 'on' },
      ['TTL', 'LIMIT'],
    ],
    ['a system may write a value its way', { FALLBACK: 'on', TTL: '090', LIMIT: ' 60' }, { TTL: '75' }, []],
    [
      'A7: what is not told is neither ours nor somebody else’s',
      { FALLBACK: 'on', LIMIT: '60' },
      {},
      [],
      { TTL: '75' },
    ],
  ])('%s', (_, read, restore, others, untold = {}) => {
    const debt = owed(changes, read);
    expect(debt.untold).toEqual(untold);
    expect(debt.restore).toEqual(restore);
    expect(debt.others.map(({ name }) => name)).toEqual(others);
  });
});

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

describe('debts in the events of a target', () => {
  test.each<[string, readonly Told[], readonly string[]]>([
    ['a change that was only planned is owed', [planned()], ['r1']],
    ['a change that was made is owed', [planned(), applied('prepare', true), read('off')], ['r1']],
    [
      'a restore that read back settles it',
      [planned(), applied('prepare', true), applied('restore', true)],
      [],
    ],
    ['a restore that failed does not', [planned(), applied('restore', false)], ['r1']],
    ['nor the restore of another run', [planned(), applied('restore', true, later)], ['r1']],
    ['what its runner reads does not: the change may be on its way', [planned(), read('on')], ['r1']],
    ['what a later run reads as before does', [planned(), read('on', later)], []],
    ['what a later run reads as it was set does not', [planned(), read('off', later)], ['r1']],
    ['A7: what is not told does not', [planned(), silent], ['r1']],
    ['a third value is somebody else’s and settles it', [planned(), read('auto', later)], []],
    [
      'what another reads while the runner still works does not',
      [planned(), read('on', later), applied('prepare', true)],
      ['r1'],
    ],
    ['of two runs the latest comes first', [planned(), planned({ run: 'r3', boot: 'third' })], ['r3', 'r1']],
  ])('%s', (_, told, runs) => {
    expect(debtsIn(events(...told)).map(({ run }) => run)).toEqual(runs);
  });

  test('are of one system each', () => {
    const [debt] = debtsIn(events(planned({}, 'http://b/toggles')));
    expect(debt).toMatchObject({ place: 'http://b/toggles' });
    expect(debt?.changes['FALLBACK']).toEqual({ before: 'on', set: ['off'] });
  });
});
