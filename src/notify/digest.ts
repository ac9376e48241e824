import type { IncidentTransition } from '../event/incident.ts';
import { heading, openingOf, windowOf } from './collect.ts';
import type { DigestFacts, Happened, MessageFacts } from './facts.ts';
import { isKind, type Digest, type Opening, type Story } from './story.ts';

/** What a digest says: everything since the last message of this incident, and where it stands. */
export function digestFacts(
  story: Story,
  digest: Digest,
  facts: MessageFacts,
  message: { readonly number: number; readonly since: number },
): DigestFacts {
  const { speed, flapping } = facts.judge;
  const opening = openingOf(story, digest);
  const { good, stand, symptoms } = standOf(digest, opening);
  const everyMs = flapping.digestMs ?? 0;
  return {
    ...heading(digest, facts, message.number),
    ...beginning(digest),
    severity: opening?.change.severity ?? 'SEV-2',
    happened: happenedBetween(story, digest, message.since, facts),
    stand,
    good,
    of: digest.change.holdBuckets,
    everyMs: Math.round(everyMs * speed),
    symptoms: { ...windowOf(symptoms, facts), n: symptoms.n },
  };
}

const unknown = { windowMs: 0, p95: null, errorRatio: null, n: 0 } as const;

function standOf({ change }: Digest, opening: Opening | undefined) {
  if (change.kind === 'digest') return change;
  return { good: 0, stand: 'DEGRADED', symptoms: opening?.change.symptoms ?? unknown };
}

function beginning({ change }: Digest): Pick<DigestFacts, 'begins'> {
  if (change.kind !== 'flapping' || change.since === undefined) return {};
  return { begins: { changes: change.changes ?? 0, since: change.since } };
}

function happenedBetween(
  { transitions }: Story,
  { incident, ordinal }: Digest,
  since: number,
  { judge }: MessageFacts,
): readonly Happened[] {
  const titleOf = (signal: string) => judge.signals.find(({ name }) => name === signal)?.title ?? signal;
  return transitions
    .filter((one) => one.incident === incident && one.ordinal > since && one.ordinal < ordinal)
    .filter((one) => !isKind(one, 'flapping', 'digest'))
    .map(({ effectiveAt: at, change }: IncidentTransition) => ({
      at,
      kind: change.kind,
      ...('by' in change && { signal: titleOf(change.by.signal) }),
    }));
}
