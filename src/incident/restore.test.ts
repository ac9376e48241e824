import { describe, expect, test } from 'vitest';
import { check, play, well, type Minute } from './testing/play.ts';

const repeat = (count: number, shape: Minute): Minute[] => Array.from({ length: count }, () => shape);
const failing: Minute = { ...well, errors: 50 };
const contained: Minute = { ...well, toggles: ['FALLBACK_PROVIDER'] };
const begun = [...repeat(5, failing)];
const kinds = (minutes: readonly Minute[]) =>
  play(minutes).changes.map(({ change }) =>
    change.kind === 'worsened' ? `worsened to ${change.to}` : change.kind,
  );

describe('the restore is proposed after five minutes of a provider that is well', () => {
  test('mutant: one bad direct probe among good ones makes its minute none of the five', () => {
    const doubtful: Minute = { ...contained, also: [[40, check('provider-direct', [], false, {})]] };
    const proposed = (minutes: readonly Minute[]) =>
      kinds([...begun, contained, ...minutes]).includes('restore-proposed');
    expect(proposed(repeat(5, contained))).toBe(true);
    expect(proposed([...repeat(4, contained), doubtful, ...repeat(4, contained)])).toBe(false);
    expect(proposed([doubtful, ...repeat(5, contained)])).toBe(true);
  });
});

test('five minutes in a row: one in between in which the configuration was normal breaks them', () => {
  const between: Minute = { ...well, gauges: { 'redis.up': 0 } };
  const minutes = [...begun, contained, ...repeat(3, contained), between, ...repeat(3, contained)];
  expect(kinds(minutes)).not.toContain('restore-proposed');
  expect(kinds([...minutes, ...repeat(2, contained)])).toContain('restore-proposed');
});

describe('while toggles are put back', () => {
  const proposed = [...begun, ...repeat(6, contained)];
  const restarting: Minute = { ...contained, errors: 50 };
  const said = ['declared', 'mitigated', 'restore-proposed'];

  test('mutant: bad minutes are expected for five minutes, and told after them', () => {
    expect(kinds([...proposed, ...repeat(5, restarting), well])).toEqual([...said, 'restored']);
    expect(kinds([...proposed, ...repeat(5, contained), restarting])).toEqual([
      ...said,
      'worsened to degraded',
    ]);
    expect(kinds([...proposed, ...repeat(6, restarting)])).toEqual([...said, 'worsened to degraded']);
  });

  test('being hard down is told at once', () => {
    expect(kinds([...proposed, ...repeat(2, { ...contained, ready: false })])).toEqual([
      ...said,
      'signal-joined',
      'worsened to degraded',
    ]);
  });
});

describe('in VERIFY', () => {
  const held = [...begun, well, well, ...repeat(11, well)];
  const wait: Minute = { ...well, checks: 'not asked' };

  test('mutant: a minute between good and bad starts the hold over', () => {
    const between: Minute = { ...wait, p95: 600 };
    const changes = play([...held, between, wait]).changes;
    expect(changes.map(({ kind }) => kind).slice(3)).toEqual(['verifying', 'hold-reset']);
    expect(changes.at(-1)?.change).toMatchObject({ because: 'hysteresis: rest.latency 600' });
  });

  test('a good one goes on counting, and RECOVERED comes with the checks', () => {
    expect(kinds([...held, wait, wait, well]).slice(3)).toEqual(['verifying', 'recovered']);
  });

  test('a core check that fails keeps it, and all are asked again', () => {
    const { changes } = play([...held, { ...well, checks: 'failed' }, well]);
    expect(changes.map(({ kind }) => kind).slice(3)).toEqual(['verifying', 'verify-failed', 'recovered']);
  });

  test('what they answer within the minute after a failure is not what was asked for', () => {
    const failed: Minute = {
      ...well,
      checks: 'failed',
      also: [
        [50, check('pairs', ['core'], true, {})],
        [50, check('sol', ['core'], true, {})],
      ],
    };
    const changes = play([...held, failed, wait]).changes.map(({ kind }) => kind);
    expect(changes.slice(3)).toEqual(['verifying', 'verify-failed']);
    expect(
      kinds([...held, failed, wait, well])
        .slice(3)
        .at(-1),
    ).toBe('recovered');
  });
});
