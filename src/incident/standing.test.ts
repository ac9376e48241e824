import { describe, expect, test } from 'vitest';
import type { IncidentChange, IncidentTransition } from '../event/incident.ts';
import { snapshotOf, standingFrom } from './snapshot.ts';
import { afterBucket, afterTransition, nothingOpen } from './standing.ts';
import type { Incident } from './state.ts';
import { minute, origin } from './testing/play.ts';

const by = (signal: string) => ({ signal, got: '9', allowed: '1', since: origin, evidence: [] });
const symptoms = { windowMs: minute, p95: null, errorRatio: null, n: 0 };
const declared: IncidentChange = { kind: 'declared', severity: 'SEV-1', by: by('a'), symptoms };
const mitigated: IncidentChange = { kind: 'mitigated', because: '' };
const restored: IncidentChange = { kind: 'restored', toggles: {} };
const recovered: IncidentChange = { kind: 'recovered', criteria: [], symptoms };
const owner = { role: 'owner', name: 'Incident Owner' };

/** Transitions as earlier versions wrote them, a minute apart: without what the incident was after them. */
const written = (changes: readonly IncidentChange[], more: Partial<IncidentTransition> = {}) =>
  changes.map((change, index): IncidentTransition => ({
    incident: 'INC-1',
    group: 'service',
    ordinal: index + 1,
    effectiveAt: origin + index * minute,
    drill: false,
    change,
    ...more,
  }));
const after = (transitions: readonly IncidentTransition[]) =>
  transitions.reduce(afterTransition, nothingOpen);

const holdFrom = (minutes: number) => ({
  name: 'recovering',
  hold: { notBefore: origin + minutes * minute, good: 0, unknownInRow: 0 },
});

describe('an incident of which earlier versions wrote only what changed goes on where it was', () => {
  const open = { id: 'INC-1', group: 'service', severity: 'SEV-1', signals: ['a'], holdBuckets: 10 };
  const fallback = { since: origin + minute };

  test.each<[string, readonly IncidentChange[], object]>([
    [
      'declared',
      [declared],
      { ...open, since: origin, drill: false, ordinal: 1, phase: { name: 'degraded' } },
    ],
    ['reopened', [{ ...declared, kind: 'reopened' }], { ...open, phase: { name: 'degraded' } }],
    [
      'joined by another signal, and by one it has',
      [
        declared,
        ...['b', 'a'].map((signal): IncidentChange => ({
          kind: 'signal-joined',
          severity: 'SEV-0',
          by: by(signal),
        })),
      ],
      { severity: 'SEV-0', signals: ['a', 'b'], ordinal: 3, phase: { name: 'degraded' } },
    ],
    [
      'mitigated',
      [declared, mitigated],
      { ...open, since: origin, phase: { name: 'mitigated', providerGood: 0, fallback } },
    ],
    [
      'MITIGATED-STABLE, on the fallback it has',
      [
        declared,
        mitigated,
        { kind: 'mitigated-stable', because: '', owner, since: origin, reviewAt: origin + 9, symptoms },
      ],
      {
        phase: {
          name: 'mitigated',
          providerGood: 0,
          fallback: { ...fallback, stable: { owner, since: origin, reviewAt: origin + 9 } },
        },
      },
    ],
    [
      'mitigated again, on the fallback it has',
      [declared, mitigated, mitigated],
      { phase: { name: 'mitigated', providerGood: 0, fallback } },
    ],
    [
      'worse',
      [declared, mitigated, { kind: 'worsened', because: '', to: 'degraded' }],
      { phase: { name: 'degraded' } },
    ],
    ['restored', [declared, mitigated, restored], { phase: holdFrom(2) }],
    ['in VERIFY: its hold starts over', [declared, restored, { kind: 'verifying' }], { phase: holdFrom(2) }],
    [
      'reset: its hold starts over',
      [declared, restored, { kind: 'hold-reset', because: '', lostBuckets: 3 }],
      { phase: holdFrom(2) },
    ],
    [
      'flapping',
      [declared, { kind: 'flapping', holdBuckets: 20 }],
      { holdBuckets: 20, phase: { name: 'degraded' } },
    ],
    [
      'proposed to be restored',
      [declared, mitigated, { kind: 'restore-proposed', goodBuckets: 5 }],
      { phase: { name: 'mitigated', fallback } },
    ],
    [
      'known by its second change alone',
      [mitigated],
      { id: 'INC-1', severity: 'SEV-2', signals: [], holdBuckets: 10, since: origin },
    ],
  ])('%s', (_, changes, expected) => {
    expect(after(written(changes)).incident).toMatchObject(expected);
  });

  test('recovered: what reopens and what flaps is counted from there', () => {
    expect(after(written([declared, recovered]))).toEqual({
      recovered: { id: 'INC-1', ordinal: 2, group: 'service', at: origin + minute },
      changes: [origin, origin + minute],
    });
  });

  test('closed: none is open, and the one that recovered before may still reopen', () => {
    const closed = written([declared, { kind: 'closed', because: 'load-ended' }], { incident: 'INC-2' });
    const before = written([declared, recovered]);
    const { incident, recovered: known } = after([...before, ...closed]);
    expect([incident, known?.id]).toEqual([undefined, 'INC-1']);
    expect(after([...before, ...closed]).changes).toEqual([origin, origin + minute, origin]);
  });

  test('another one begins anew', () => {
    const [second] = written([{ ...declared, by: by('b') }], { incident: 'INC-2' });
    const standing = after([...written([declared, recovered]), second!]);
    expect(standing.incident).toMatchObject({ id: 'INC-2', signals: ['b'], ordinal: 1 });
    expect(standing.recovered?.id).toBe('INC-1');
  });
});

describe('what two runs know of an incident', () => {
  const known = after(written([declared, mitigated]));

  test.each([
    ['a transition that was read before', written([declared])[0]!],
    ['the newest, read twice', written([declared, { kind: 'worsened', because: '', to: 'degraded' }])[1]!],
    ['a drill', written([recovered], { ordinal: 9, drill: true })[0]!],
  ])('is not changed by %s', (_, transition) => {
    expect(afterTransition(known, transition)).toEqual(known);
  });

  test('is what the transition says, where it says it', () => {
    const state = { ...known.incident!, holdBuckets: 20, digest: { at: origin, ordinal: 3 } };
    const [told] = written([mitigated], { ordinal: 3, state });
    const standing = afterTransition(known, told!);
    expect(standing.incident).toEqual(state);
    const [end] = written([recovered], { ordinal: 4 });
    expect(afterTransition(standing, end!).recovered).toMatchObject({ holdBuckets: 20 });
  });

  const phase: Incident['phase'] = { name: 'degraded' };
  const bucket = {
    incident: 'INC-1',
    hold: 'recovery',
    from: origin,
    band: 'good',
    count: 1,
    of: 10,
    readings: [],
  } as const;

  test('moves with each bucket of its hold, and not with those of another one or that tell nothing', () => {
    expect(afterBucket(known, { ...bucket, phase }).incident?.phase).toEqual(phase);
    expect(afterBucket(known, { ...bucket, incident: 'INC-2', phase })).toEqual(known);
    expect(afterBucket(known, bucket)).toEqual(known);
    expect(afterBucket(nothingOpen, { ...bucket, phase })).toEqual(nothingOpen);
  });
});

describe('a standing that another run wrote down', () => {
  const owned = { owner, since: origin, reviewAt: origin + 24 * 60 * minute };
  const open: Incident = {
    ...after(written([declared])).incident!,
    phase: { name: 'mitigated', providerGood: 0, fallback: { since: origin, stable: owned } },
  };
  const recoveredAt = { id: 'INC-0', ordinal: 9, group: 'service', at: origin };
  const known = { incident: open, recovered: recoveredAt, changes: [origin] };
  const later = origin + minute;

  test.each([
    ['with all it knows', known],
    ['of an incident alone', { incident: open, changes: [] }],
    ['of nothing', nothingOpen],
  ])('is read as it was, %s', (_, standing) => {
    expect(standingFrom(snapshotOf(standing), later)).toEqual(standing);
  });

  test('may be missing altogether, or tell of no changes', () => {
    expect(standingFrom(null, later)).toEqual(nothingOpen);
    expect(standingFrom({ incident: null }, later)).toEqual(nothingOpen);
  });

  test('lies at no time that is still to come, but for the review that was promised', () => {
    const hourBefore = origin - 60 * minute;
    const { incident, recovered: last, changes } = standingFrom(snapshotOf(known), hourBefore);
    expect([incident?.since, last?.at, changes]).toEqual([hourBefore, hourBefore, [hourBefore]]);
    const fallback = { since: hourBefore, stable: { ...owned, since: hourBefore } };
    expect(incident?.phase).toMatchObject({ fallback });
  });

  test.each(['mitigated', 'restoring'] as const)('of an earlier version is %s since it began', (name) => {
    const before = { ...known, incident: { ...open, phase: { name, providerGood: 0 } } };
    expect(standingFrom(before as never, later).incident?.phase).toMatchObject({
      fallback: { since: origin },
    });
  });
});
