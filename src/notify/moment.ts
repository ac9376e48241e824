import type { CheckFinished } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { actionsAt } from '../projection/actions.ts';
import { foldIncidents } from '../projection/incidents.ts';
import type { Episode } from '../projection/model.ts';
import { ofType } from '../projection/pick.ts';
import type { Actions, MessageFacts } from './facts.ts';

/** What was known when something of an incident was written: of that moment and that target, whatever came later. */
export interface Moment {
  /** The incident since it was opened last. */
  readonly episode: Episode | undefined;
  readonly actions: Actions;
  /** Toggles as they were read last; empty where they never were. */
  readonly toggles: Readonly<Record<string, string>>;
  /** What of the target did not answer as it should, worst first: endpoints, or checks where they have none. */
  readonly failing: readonly string[];
  /** What answered right and too slowly, so named. */
  readonly slow: readonly string[];
  /** The check that the first of them stands for; of those that are slow, where nothing fails. */
  readonly failingCheck: string | undefined;
  /** The last request of the target that failed. */
  readonly requestId: string | undefined;
}

/** An incident right after the event `seq`; failures count from `since` on, UTC ms. */
export function momentAt(
  events: readonly SiagaEvent[],
  { incident, seq, since }: { readonly incident: string; readonly seq: number; readonly since: number },
  { judge }: MessageFacts,
): Moment {
  const before = events.filter((event) => event.seq <= seq);
  const asked = ofType(before, 'check.finished');
  const recent = asked.filter(({ at, data }) => at >= since && data.dependency === undefined);
  const failed = recent.filter(({ data }) => data.outcome === 'failed' && data.requestId !== undefined);
  const reads = ofType(before, 'toggle.read').filter(
    ({ data }) => data.ok || Object.keys(data.values).length > 0,
  );
  const endpoints = failingEndpoints(before, since, judge.recovery.wholeHold.signal);
  const broken = failingChecks(recent, judge.recovery.coreChecks);
  const slow = broken.filter(({ slowOnly }) => slowOnly === true);
  const failing = broken.filter((check) => !slow.includes(check));
  return {
    episode: foldIncidents(before)
      .find(({ id }) => id === incident)
      ?.episodes.at(-1),
    actions: actionsIn(before, asked, judge.recovery.fallbackState),
    toggles: reads.at(-1)?.data.values ?? {},
    failing: [...new Set([...failing.map(nameOf), ...endpoints])],
    slow: [...new Set(slow.map(nameOf))],
    failingCheck: [...failing, ...slow][0]?.check,
    requestId: failed.at(-1)?.data.requestId,
  };
}

const nameOf = ({ check, endpoint }: CheckFinished): string => endpoint ?? check;

function actionsIn(
  before: readonly SiagaEvent[],
  asked: readonly EventOf<'check.finished'>[],
  fallbackState: string,
): Actions {
  const { actions, togglesKnown } = actionsAt(before, before.at(-1)?.seq ?? 0);
  const set = actions.filter(({ kind }) => kind === 'toggle').map(({ name, value }) => [name, value]);
  const state = asked.map(({ data }) => data.states[fallbackState]).findLast((value) => value !== undefined);
  return {
    toggles: togglesKnown ? Object.fromEntries(set) : undefined,
    fallback: typeof state === 'boolean' ? state : undefined,
  };
}

/** Checks whose newest answer failed, those that decide recovery first. */
function failingChecks(
  recent: readonly EventOf<'check.finished'>[],
  core: readonly string[],
): readonly CheckFinished[] {
  const newest = new Map<string, CheckFinished>();
  for (const { data } of recent) if (data.outcome !== 'inconclusive') newest.set(data.check, data);
  const failing = [...newest.values()].filter(({ outcome }) => outcome === 'failed');
  return [true, false].flatMap((first) => failing.filter(({ check }) => core.includes(check) === first));
}

/** Endpoints with two failures or more, as everywhere a single one says nothing; the most failures first. */
function failingEndpoints(before: readonly SiagaEvent[], since: number, signal: string): readonly string[] {
  const failures = new Map<string, number>();
  for (const { data } of ofType(before, 'samples')) {
    const { endpoint } = data.labels;
    if (endpoint === undefined || data.signal !== signal || data.data.kind !== 'ratio') continue;
    if (data.from < since) continue;
    failures.set(endpoint, (failures.get(endpoint) ?? 0) + data.data.bad);
  }
  return [...failures]
    .filter(([, bad]) => bad >= 2)
    .toSorted(([, a], [, b]) => b - a)
    .map(([endpoint]) => endpoint);
}
