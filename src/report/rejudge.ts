import { plural } from '../kernel/plural.ts';
import type { RunVerdict, RunFinished } from '../event/catalogue.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import { foldExperiments, type ExperimentFacts } from '../projection/experiments.ts';
import { ofType } from '../projection/pick.ts';
import { verdictOfExit } from '../projection/run.ts';

export interface Rejudged {
  /** Whether everything comes out as it was written. False where nothing was there to be judged. */
  readonly same: boolean;
  readonly differences: readonly string[];
  /** For people. */
  readonly text: string;
}

/** What the engine derives from the other events. Buckets of holds are where RECOVERED comes from. */
const derived = ['incident.transition', 'incident.bucket'] as const;
type Derived = Extract<Draft, { readonly type: (typeof derived)[number] }>;

/** What it derives them from. */
const measured: ReadonlySet<SiagaEvent['type']> = new Set(['samples', 'check.finished', 'toggle.read']);

/**
 * Derives the incidents of a run again from everything but what was derived, and compares: each transition and each
 * bucket of a hold, with its time and what it was judged by. Sequences of evidence are compared too, for they name the
 * same events. The verdicts that the run wrote are held against what it wrote of their parts.
 */
export function compareDerived(
  events: readonly SiagaEvent[],
  derive: (events: readonly SiagaEvent[]) => readonly Draft[],
): Rejudged {
  if (!events.some(({ type }) => measured.has(type))) return nothing;
  const written = events.filter(isDerived);
  const again = derive(events.filter((event) => !isDerived(event))).filter(isDerived);
  const differences = [
    ...derived.flatMap((type) =>
      differencesOf(
        written.filter((each) => each.type === type),
        again.filter((each) => each.type === type),
      ),
    ),
    ...recordedFaults(events),
  ];
  return {
    same: differences.length === 0,
    differences,
    text: inWords(written, differences, verdictIn(events)),
  };
}

const nothing: Rejudged = {
  same: false,
  differences: [],
  text: 'judged again: nothing, for there are no samples, checks or toggles among the events',
};

const isDerived = <E extends { readonly type: string }>(event: E): event is E & Derived =>
  (derived as readonly string[]).includes(event.type);

const verdictIn = (events: readonly SiagaEvent[]): RunVerdict | undefined =>
  events.findLast((event) => event.type === 'run.finished')?.data.verdict;

function inWords(
  written: readonly Derived[],
  differences: readonly string[],
  verdict: RunVerdict | undefined,
): string {
  const transitions = counted(written, 'incident.transition', 'transition');
  const count = `${transitions} and ${counted(written, 'incident.bucket', 'bucket')}`;
  if (differences.length > 0)
    return [
      `judged again: different from the ${count} written`,
      ...differences.map((line) => `  ${line}`),
    ].join('\n');
  const ending = verdict === undefined ? 'the run did not end, so it wrote no verdict' : `verdict ${verdict}`;
  return `judged again: the same ${count}; ${ending}`;
}

function counted(written: readonly Derived[], type: Derived['type'], noun: string): string {
  const { length } = written.filter((each) => each.type === type);
  return plural(length, noun);
}

function differencesOf(written: readonly Derived[], again: readonly Derived[]): readonly string[] {
  const length = Math.max(written.length, again.length);
  return Array.from({ length }, (_, index) => differenceAt(written[index], again[index])).filter(
    (line) => line !== undefined,
  );
}

function differenceAt(was: Derived | undefined, is: Derived | undefined): string | undefined {
  if (was !== undefined && is !== undefined && canonical(was.data) === canonical(known(is, was)))
    return undefined;
  return `written ${words(was)}, judged again ${words(is)}`;
}

/** Without where the incident stands, which events of earlier versions do not carry. */
function known({ data }: Derived, was: Derived): object {
  const unknown = ['state', 'phase'].filter((field) => !(field in was.data));
  return Object.fromEntries(Object.entries(data).filter(([field]) => !unknown.includes(field)));
}

function words(one: Derived | undefined): string {
  if (one === undefined) return 'nothing';
  if (one.type === 'incident.bucket') {
    const { incident, hold, band, count, of, from } = one.data;
    return `${incident} ${hold} ${band}, ${count} of ${of}, at ${new Date(from).toISOString()}`;
  }
  const { incident, ordinal, change, effectiveAt } = one.data;
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

/** Where a verdict that a run wrote contradicts what it wrote before of the parts that decide it, in words. */
function recordedFaults(events: readonly SiagaEvent[]): readonly string[] {
  const experiments = foldExperiments(events);
  return [
    ...experiments.flatMap(experimentFaults),
    ...ofType(events, 'run.finished').flatMap(({ data, seq }) =>
      runFaults(
        data,
        experiments.filter(({ finished }) => finished !== undefined && finished.seq < seq),
      ),
    ),
  ];
}

/** An experiment that held has broken no expectation, and no fault of it is stuck. */
function experimentFaults({ name, finished, settled, faults }: ExperimentFacts): readonly string[] {
  if (finished?.verdict !== 'held') return [];
  const before = ({ seq }: { readonly seq: number }): boolean => seq < finished.seq;
  const unmet = [...settled.values()].filter((each) => before(each) && each.outcome !== 'met');
  const stuck = faults.filter((fault) => fault.stuck && before(fault.stuck));
  return [
    ...unmet.map(({ expectation, outcome }) => `written ${name} held, but ${expectation} is ${outcome}`),
    ...stuck.map(({ proxy }) => `written ${name} held, but the fault on ${proxy} is stuck`),
  ];
}

/** A run has the verdict of its exit code, and passes only when none of its experiments failed. */
function runFaults(
  { verdict, exitCode }: RunFinished,
  experiments: readonly ExperimentFacts[],
): readonly string[] {
  const due = verdictOfExit(exitCode) ?? 'inconclusive';
  const isTrue = verdict === due || (due === 'error' && verdict === 'inconclusive');
  const failed = experiments.flatMap(({ name, finished }) =>
    finished?.verdict === 'weakness' || finished?.verdict === 'rollback-failed'
      ? [`written verdict passed, but ${name} is ${finished.verdict}`]
      : [],
  );
  return [
    ...(isTrue ? [] : [`written verdict ${verdict}, but exit code ${exitCode} is ${due}`]),
    ...(verdict === 'passed' ? failed : []),
  ];
}
