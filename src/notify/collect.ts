import type { Page, Symptoms } from '../event/incident.ts';
import { formatMs } from '../kernel/duration.ts';
import { formatRatio } from '../kernel/percent.ts';
import { formatCondition } from '../runbook/condition.ts';
import type { DegradedFacts, MessageFacts, RecoveredFacts, StableFacts, WindowFacts } from './facts.ts';
import {
  isKind,
  stateOf,
  type Announced,
  type Opening,
  type Paged,
  type Story,
  type TransitionOf,
} from './story.ts';

/** What is said of an incident that begins, or is worse again, from what was known when it did. */
export function degradedFacts(
  story: Story,
  opening: Opening | Paged,
  facts: MessageFacts,
  number: number,
): DegradedFacts {
  const { severity, symptoms } = pageOf(opening);
  return {
    ...heading(opening, facts, number),
    ...(isKind(opening, 'reopened', 'worsened') && { again: opening.change.kind }),
    severity,
    symptoms: { ...windowOf(symptoms, facts), n: symptoms.n },
    causes: causesOf(story, opening, facts),
    fallback: stateOf(story, facts.judge.recovery.fallbackState),
    toggles: togglesSetTo(story, 'contain'),
    resolveWithinMs: facts.resolveWithinMs[severity],
    requestId: symptoms.requestId,
  };
}

/** What is said of a fallback that lasts: in whose hands it is, and until when. */
export function stableFacts(
  story: Story,
  stable: TransitionOf<'mitigated-stable'>,
  facts: MessageFacts,
  number: number,
): StableFacts {
  const { symptoms, owner, since, reviewAt } = stable.change;
  return {
    ...heading(stable, facts, number),
    since,
    symptoms: { ...windowOf(symptoms, facts), n: symptoms.n },
    fallback: stateOf(story, facts.judge.recovery.fallbackState),
    toggles: togglesSetTo(story, 'contain'),
    owner,
    reviewAt,
  };
}

const pageOf = ({ change }: Opening | Paged): Page => (change.kind === 'worsened' ? change.page : change);

/** What is said of an incident that ends. */
export function recoveredFacts(
  story: Story,
  recovered: TransitionOf<'recovered'>,
  facts: MessageFacts,
  number: number,
): RecoveredFacts {
  const { symptoms, criteria } = recovered.change;
  const { recovery } = facts.judge;
  const restored = before(story, recovered).filter((one) => isKind(one, 'restored'));
  return {
    ...heading(recovered, facts, number),
    since: openingOf(story, recovered)?.effectiveAt ?? recovered.effectiveAt,
    five: { ...windowOf(symptoms, facts), n: symptoms.n },
    ten: holdFigures(story, recovered, facts),
    provider: stateOf(story, recovery.providerState),
    toggles: restored.at(-1)?.change.toggles ?? {},
    fallback: stateOf(story, recovery.fallbackState),
    checksPassed: criteria.filter(({ name, met }) => met && name.startsWith('contract check ')).length,
    postmortemBy: recovered.effectiveAt + facts.postmortemWithinMs,
    postmortemWithinMs: facts.postmortemWithinMs,
  };
}

/** The last declaration or reopening before a transition of the same incident. */
export function openingOf(story: Story, transition: Announced): Opening | undefined {
  return before(story, transition)
    .filter((one) => isKind(one, 'declared', 'reopened'))
    .at(-1);
}

function before({ transitions }: Story, { incident, ordinal }: Announced) {
  return transitions.filter((one) => one.incident === incident && one.ordinal < ordinal);
}

/** What every message says of itself. */
export function heading({ drill, incident, effectiveAt }: Announced, facts: MessageFacts, number: number) {
  const { zone, speed } = facts.judge;
  return { drill, incident, number, at: effectiveAt, zone, speed, recorded: facts.recorded };
}

function causesOf(
  { transitions }: Story,
  opening: Opening | Paged,
  { judge }: MessageFacts,
): DegradedFacts['causes'] {
  const joined = transitions.filter(
    (one) =>
      one.incident === opening.incident && one.ordinal > opening.ordinal && isKind(one, 'signal-joined'),
  );
  const firings = [
    pageOf(opening).by,
    ...joined.flatMap((one) => (isKind(one, 'signal-joined') ? [one.change.by] : [])),
  ];
  return firings.map(({ signal, got, allowed }) => {
    const spec = judge.signals.find(({ name }) => name === signal);
    // The limit as the runbook writes it; what is no signal of the runbook's says it in its own words.
    const limit = spec ? formatCondition(spec.trigger, spec.unit) : allowed;
    return { title: spec?.title ?? signal, got, limit };
  });
}

function togglesSetTo({ toggles }: Story, purpose: 'contain'): Readonly<Record<string, string>> {
  return toggles.findLast((one) => one.ok && one.purpose === purpose)?.values ?? {};
}

/** The aggregate that messages quote, in words. */
export function windowOf({ windowMs, p95, errorRatio }: Symptoms, { judge }: MessageFacts): WindowFacts {
  return {
    runbookMs: Math.round(windowMs * judge.speed),
    realMs: windowMs,
    p95: p95 === null ? null : formatMs(p95),
    errors: errorRatio === null ? null : formatRatio(errorRatio),
  };
}

// The figures of the whole hold are the criteria of RECOVERED themselves, named by their signals' titles.
function holdFigures(
  story: Story,
  recovered: TransitionOf<'recovered'>,
  { judge }: MessageFacts,
): WindowFacts {
  const { change } = recovered;
  const realMs = holdOf(story, recovered, judge.recovery.holdBuckets) * judge.bucketMs;
  const got = (signal: string): string | null => {
    const title = judge.signals.find(({ name }) => name === signal)?.title;
    return change.criteria.find(({ name }) => name === title)?.got ?? null;
  };
  return {
    runbookMs: Math.round(realMs * judge.speed),
    realMs,
    p95: got('rest.latency'),
    errors: got('rest.errors'),
  };
}

// A flapping incident had to hold for longer.
function holdOf(story: Story, recovered: TransitionOf<'recovered'>, usual: number): number {
  const opened = openingOf(story, recovered)?.ordinal ?? 0;
  const longer = before(story, recovered).filter((one) => isKind(one, 'flapping') && one.ordinal > opened);
  const last = longer.at(-1);
  return last !== undefined && isKind(last, 'flapping') ? last.change.holdBuckets : usual;
}
