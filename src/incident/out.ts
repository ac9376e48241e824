import type { SiagaEvent } from '../event/envelope.ts';
import type { Firing } from '../event/incident.ts';
import type { SampleBatch } from '../event/samples.ts';
import type { JudgeSpec, Severity, SignalSpec } from '../event/specs.ts';
import { formatBeside, formatLimit } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { badCount, readingOf } from '../signal/reading.ts';
import { checkFiring, checkSeverity, wordsOf, type Word } from './derived.ts';

/** What one pass found outside its limits. */
export interface Out {
  readonly firing: Firing;
  readonly title: string;
  readonly severity: Severity;
  /** Why one pass cannot decide it, so that the round must stay. Absent: it is decided at once. */
  readonly undecided?: 'too-few-samples' | 'increase' | 'longer-window';
  /** How far its trigger has come, where a round has stayed for it. */
  readonly window?: { readonly bad: number; readonly known: number; readonly of: number };
}

/**
 * What is out of its limits after one pass, in the order signals, checks, states, toggles. Gauges, checks, states and
 * toggles decide at once, and so does a statistic on enough samples whose trigger needs one bucket.
 * @param events what the pass has reported; each check, state and toggle is judged by its newest conclusive word
 */
export function outNow(judge: JudgeSpec, events: readonly SiagaEvent[]): readonly Out[] {
  return [...signalsOut(judge, events), ...checksOut(judge, events), ...wordsOut(judge, events)];
}

interface Measured {
  readonly batches: readonly SampleBatch[];
  readonly seqs: readonly number[];
  readonly since: number;
}

function measuredOf({ name, source }: SignalSpec, events: readonly SiagaEvent[]): Measured | undefined {
  const samples = events.filter((event) => event.type === 'samples');
  const own = samples.filter(({ data }) => data.signal === name && data.source === source);
  const [first] = own;
  if (first === undefined) return undefined;
  return { batches: own.map(({ data }) => data), seqs: own.map(({ seq }) => seq), since: first.data.from };
}

function signalsOut({ signals }: JudgeSpec, events: readonly SiagaEvent[]): readonly Out[] {
  return signals.flatMap((spec): Out[] => {
    const measured = measuredOf(spec, events);
    if (measured === undefined) return [];
    const { trigger, unit, title, severity, name } = spec;
    const { value, n } = readingOf(measured.batches, trigger.statistic);
    if (value === null || !holds(trigger, value)) return [];
    const firing: Firing = {
      signal: name,
      got: `${trigger.statistic} ${formatBeside(value, trigger, unit)} (n=${n})`,
      allowed: formatLimit(trigger, unit),
      value,
      n,
      since: measured.since,
      evidence: measured.seqs,
    };
    const undecided = whyUndecided(spec, measured.batches, n);
    return [{ firing, title, severity, ...(undecided && { undecided }) }];
  });
}

// Counters and histograms tell what happened since the look before, which may be an hour ago.
function whyUndecided(
  { metric, unit, minSamples, trigger }: SignalSpec,
  batches: readonly SampleBatch[],
  n: number,
): Out['undecided'] {
  if (metric?.type === 'gauge') return undefined;
  if (metric !== undefined) return 'increase';
  const lone = unit === 'ratio' && minSamples >= 20 && badCount(batches) < 2;
  if (n < minSamples || lone) return 'too-few-samples';
  return trigger.buckets > 1 ? 'longer-window' : undefined;
}

function checksOut(judge: JudgeSpec, events: readonly SiagaEvent[]): readonly Out[] {
  const answers = events
    .filter((event) => event.type === 'check.finished')
    .filter(({ data }) => data.outcome !== 'inconclusive');
  const newest = new Map(answers.map((event) => [event.data.check, event]));
  return [...newest.values()].flatMap((event): Out[] => {
    const { outcome, title, check } = event.data;
    if (outcome !== 'failed') return [];
    return [{ firing: checkFiring(event), title, severity: checkSeverity(judge, check) }];
  });
}

// States before toggles, each as it was last reported.
function wordsOut(judge: JudgeSpec, events: readonly SiagaEvent[]): readonly Out[] {
  const newest = new Map<string, Word & Pick<SiagaEvent, 'seq' | 'at'>>();
  for (const event of events)
    for (const word of wordsOf(judge, event))
      newest.set(word.signal, { ...word, seq: event.seq, at: event.at });
  const wrong = [...newest.values()].filter(({ normal }) => !normal);
  const states = wrong.filter(({ subject }) => subject.kind === 'state');
  return [...states, ...wrong.filter((word) => !states.includes(word))].map(
    ({ signal, subject, title, severity, got, allowed, seq, at }): Out => ({
      firing: { signal, subject, got, allowed, since: at, evidence: [seq] },
      title,
      severity,
    }),
  );
}
