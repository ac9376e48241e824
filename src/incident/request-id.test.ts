import { expect, test } from 'vitest';
import type { CheckFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { createEngine } from './engine.ts';
import { check, minute, origin, started } from './testing/play.ts';

const second = 1_000;
const of = (draft: Draft, more: Partial<CheckFinished>): Draft =>
  ({ ...draft, data: { ...draft.data, ...more } }) as Draft;
const failing = (requestId: string, more: Partial<CheckFinished> = {}): Draft =>
  of(check('pairs', ['core'], false, {}), { requestId, ...more });
const notReady = of(check('ready', ['ready'], false, {}), { status: 503 });

/** The request id that is quoted when these checks, and then the readiness, have failed. */
function quoted(...drafts: readonly (readonly [at: number, draft: Draft])[]): string | undefined {
  const engine = createEngine();
  const last = Math.max(...drafts.map(([at]) => at));
  const all = [[0, started(false)], ...drafts, [last + second, notReady], [last + 17 * second, notReady]];
  const derived = (all as [number, Draft][]).flatMap(([at, draft], index) =>
    engine.step({
      v: 1,
      seq: index + 1,
      run: 'r',
      at: origin + at,
      mono: at,
      boot: 'b',
      ...draft,
    } as SiagaEvent),
  );
  const opened = derived.flatMap((each) => (each.type === 'incident.transition' ? [each.data.change] : []));
  expect(opened.map(({ kind }) => kind)).toEqual(['declared']);
  return opened[0]?.kind === 'declared' ? opened[0].symptoms.requestId : undefined;
}

test('row 26: the request id of an incident is one of the newest failed request of the target', () => {
  expect(quoted([second, failing('a')], [2 * second, failing('b')])).toBe('b');
});

test('row 26: none is quoted that was sent to a dependency instead', () => {
  expect(quoted([second, failing('a')], [2 * second, failing('b', { dependency: 'coinapi' })])).toBe('a');
});

test('row 26: none is quoted of long before the incident', () => {
  expect(quoted([second, failing('a')], [20 * minute, check('pairs', ['core'], true, {})])).toBeUndefined();
});
