import { heading, lowest, momentOf, saysOf, type Recipient } from './collect.ts';
import type { DigestFacts, Happened, Language, MessageFacts } from './facts.ts';
import type { Symptoms } from '../event/incident.ts';
import { windowOf } from './window.ts';
import { isKind, openingOf, type Digest, type Opening, type Story } from './story.ts';

/** What a digest says: everything since the last message of this incident, and where it stands. */
export function digestFacts(
  story: Story,
  digest: Digest,
  facts: MessageFacts,
  { number, language, since }: Recipient & { readonly since: number },
): DigestFacts {
  const { speed, flapping } = facts.judge;
  const opening = openingOf(story, digest);
  const { good, stand, symptoms } = standOf(digest, opening);
  const everyMs = flapping.digestMs ?? 0;
  return {
    ...heading(digest, facts, number),
    ...beginning(digest),
    severity: momentOf(story, digest, facts).episode?.severity.now ?? lowest,
    happened: happenedBetween(story, digest, since, facts, language),
    stand,
    good,
    of: digest.change.holdBuckets,
    everyMs: Math.round(everyMs * speed),
    symptoms: windowOf(symptoms, facts, digest.effectiveAt),
    command: facts.commands.check,
  };
}

const unknown = { windowMs: 0, p95: null, errorRatio: null, n: 0 } as const;

function standOf(
  { change }: Digest,
  opening: Opening | undefined,
): Pick<DigestFacts, 'good' | 'stand'> & { readonly symptoms: Symptoms } {
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
  facts: MessageFacts,
  language: Language,
): readonly Happened[] {
  return transitions
    .filter((one) => one.incident === incident && one.ordinal > since && one.ordinal < ordinal)
    .filter((one) => !isKind(one, 'flapping', 'digest'))
    .map(({ effectiveAt: at, change }) => ({
      at,
      kind: change.kind,
      ...('by' in change && { signal: saysOf(change.by.signal, facts, language) }),
    }));
}
