import type { SiagaEvent } from '../../src/event/envelope.ts';
import { deriveAll } from '../../src/incident/engine.ts';
import { foldImpacts } from '../../src/projection/impact.ts';
import { foldIncidents } from '../../src/projection/incidents.ts';
import { runFiles } from '../../src/run/conclude.ts';

interface Summary {
  readonly endpoints: readonly {
    readonly endpoint: string;
    readonly source: string;
    readonly requests: number;
    readonly errors: number;
  }[];
  readonly failures: readonly { readonly check: string; readonly count: number }[];
}

/** What today's Siaga makes of the events of a run: figures of its documents, and its incidents when judged again. */
export function figuresOf(events: readonly SiagaEvent[]): Readonly<Record<string, string>> {
  const { endpoints, failures } = JSON.parse(runFiles(events).get('summary.json') ?? '') as Summary;
  const checks = new Map<string, number>();
  for (const { check, count } of failures) checks.set(check, (checks.get(check) ?? 0) + count);
  return Object.fromEntries([
    ...endpoints.map(({ endpoint, source, errors, requests }) => [
      `${endpoint} (${source}), whole run`,
      `${errors} of ${requests} failed`,
    ]),
    ...[...checks].map(([check, count]) => [`check ${check}, failed answers`, String(count)]),
    ...foldIncidents(events).map((incident) => {
      const [impact] = foldImpacts(events, incident);
      return [`${incident.id}, impact`, `${impact?.total.errors} of ${impact?.total.requests} failed`];
    }),
    ...judgedAgain(events),
  ]);
}

const derived = ['incident.transition', 'incident.bucket'];

function judgedAgain(events: readonly SiagaEvent[]): readonly (readonly [string, string])[] {
  return deriveAll(events.filter(({ type }) => !derived.includes(type))).flatMap((draft) => {
    if (draft.type !== 'incident.transition') return [];
    const { incident, ordinal, change, effectiveAt } = draft.data;
    return [
      [`${incident} ${ordinal} ${change.kind}, judged again`, new Date(effectiveAt).toISOString()] as const,
    ];
  });
}
