import { expect, test } from 'vitest';
import { deriveAll } from '../incident/engine.ts';
import { compareDerived } from './rejudge.ts';
import { gameDay } from './testing/game-day.ts';

const events = gameDay();
const count = events.filter(({ type }) => type === 'incident.transition').length;

test('judging again what was written comes out the same', () => {
  expect(compareDerived(events, deriveAll)).toEqual({
    same: true,
    differences: [],
    text: `judged again: the same ${count} transitions`,
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
  expect(text).toContain(`different from the ${count} transitions written`);
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
