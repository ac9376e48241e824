import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { IncidentTransition } from '../event/incident.ts';

export interface Rejudged {
  readonly same: boolean;
  readonly differences: readonly string[];
  /** For people. */
  readonly text: string;
}

/**
 * Derives the incidents of a run again from everything but the transitions it wrote, and compares: kind, incident,
 * ordinal, time and what each was judged by. Sequences of evidence are compared too, for they name the same events.
 */
export function compareDerived(
  events: readonly SiagaEvent[],
  derive: (events: readonly SiagaEvent[]) => readonly Draft[],
): Rejudged {
  const written = events.flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
  const others = events.filter(({ type }) => type !== 'incident.transition');
  const again = derive(others).flatMap((draft) => (draft.type === 'incident.transition' ? [draft.data] : []));
  const differences = differencesOf(written, again);
  const count = `${written.length} transition${written.length === 1 ? '' : 's'}`;
  const text =
    differences.length === 0
      ? `judged again: the same ${count}`
      : [`judged again: different from the ${count} written`, ...differences.map((line) => `  ${line}`)].join(
          '\n',
        );
  return { same: differences.length === 0, differences, text };
}

function differencesOf(
  written: readonly IncidentTransition[],
  again: readonly IncidentTransition[],
): readonly string[] {
  const length = Math.max(written.length, again.length);
  return Array.from({ length }, (_, index) => differenceAt(written[index], again[index])).filter(
    (line) => line !== undefined,
  );
}

function differenceAt(
  was: IncidentTransition | undefined,
  is: IncidentTransition | undefined,
): string | undefined {
  if (was !== undefined && is !== undefined && canonical(was) === canonical(known(is, was))) return undefined;
  return `written ${words(was)}, judged again ${words(is)}`;
}

/** Without the state of the incident where transitions did not carry it yet. */
function known({ state, ...rest }: IncidentTransition, was: IncidentTransition): IncidentTransition {
  return was.state === undefined || state === undefined ? rest : { ...rest, state };
}

function words(transition: IncidentTransition | undefined): string {
  if (transition === undefined) return 'nothing';
  const { incident, ordinal, change, effectiveAt } = transition;
  return `${incident} ${ordinal} ${change.kind} at ${new Date(effectiveAt).toISOString()}`;
}

/** JSON with sorted keys: the order in which a writer names its facts means nothing. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
