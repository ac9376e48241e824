import { describe, expect, test } from 'vitest';
import type { Catalogue } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { deriveAll } from '../incident/engine.ts';
import { compareDerived } from './rejudge.ts';
import { gameDay } from './testing/game-day.ts';

const events = gameDay();
const countOf = (kind: string): number => events.filter(({ type }) => type === kind).length;
const count = countOf('incident.transition');
const buckets = countOf('incident.bucket');

test('judging again what was written comes out the same', () => {
  expect(compareDerived(events, deriveAll)).toEqual({
    same: true,
    differences: [],
    text: `judged again: the same ${count} transitions and ${buckets} buckets; verdict passed`,
  });
});

test('the transitions that were written are not read', () => {
  const without = events.filter(({ type }) => type !== 'incident.transition');
  const { same, differences } = compareDerived(without, deriveAll);
  expect(same).toBe(false);
  expect(count).toBeGreaterThan(10);
  expect(differences).toHaveLength(count);
});

test('a transition that was written otherwise is named', () => {
  const tampered = events.map((event) =>
    event.type === 'incident.transition' && event.data.change.kind === 'mitigated'
      ? { ...event, data: { ...event.data, effectiveAt: event.data.effectiveAt - 2_000 } }
      : event,
  );
  const { same, differences, text } = compareDerived(tampered, deriveAll);
  expect(same).toBe(false);
  expect(differences).toHaveLength(2);
  expect(differences[0]).toMatch(
    /^written INC-\S+ 3 mitigated at 2026-09-13T03:40:16.000Z, judged again INC-\S+ 3 mitigated at 2026-09-13T03:40:18.000Z$/,
  );
  expect(text).toContain(`different from the ${count} transitions and ${buckets} buckets written`);
});

test('samples that were worse than judged come out different', () => {
  const worse = events.map((event) =>
    event.type === 'samples' && event.data.signal === 'ws.roundtrip' && event.data.data.kind === 'values'
      ? {
          ...event,
          data: {
            ...event.data,
            data: { kind: 'values' as const, values: event.data.data.values.map((value) => value + 400) },
          },
        }
      : event,
  );
  expect(compareDerived(worse, deriveAll).same).toBe(false);
});

/** The differences of the game day once its events of a type are changed. */
function differencesWith<T extends SiagaEvent['type']>(
  type: T,
  change: (data: Catalogue[T]) => Catalogue[T],
): readonly string[] {
  const altered = events.map((event) =>
    event.type === type ? ({ ...event, data: change(event.data as Catalogue[T]) } as SiagaEvent) : event,
  );
  return compareDerived(altered, deriveAll).differences;
}

describe('suspicious: what the run wrote of itself is compared too', () => {
  test('a bucket of a hold', () => {
    const [first, ...others] = differencesWith('incident.bucket', (data) => ({
      ...data,
      count: data.count + 1,
    }));
    expect(first).toMatch(/^written INC-\S+ restore \w+, \d+ of \d+, at \S+, judged again INC-\S+ restore /);
    expect(others).toHaveLength(buckets - 1);
  });

  test('an experiment that held though an expectation was broken', () => {
    const [first] = differencesWith('expectation.settled', (data) => ({ ...data, outcome: 'broken' }));
    expect(first).toMatch(/^written provider-down held, but \S+ is broken$/);
  });

  test('a run that passed though an experiment did not', () => {
    const differences = differencesWith('experiment.finished', (data) => ({ ...data, verdict: 'weakness' }));
    expect(differences).toContain('written verdict passed, but provider-down is weakness');
  });

  test('a verdict that is not that of the exit code', () => {
    expect(differencesWith('run.finished', (data) => ({ ...data, exitCode: 1 }))).toEqual([
      'written verdict passed, but exit code 1 is failed',
    ]);
  });

  test('a run that did not end has no verdict to compare, and says so', () => {
    expect(compareDerived(gameDay({ killed: true }), deriveAll)).toMatchObject({
      same: true,
      text: expect.stringContaining('the run did not end, so it wrote no verdict'),
    });
  });
});
