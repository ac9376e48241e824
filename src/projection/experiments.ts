import type {
  ExpectationSettled,
  ExperimentFinished,
  ExperimentPhase,
  ExperimentStarted,
  FaultFacts,
  FaultProof,
  UndoneBy,
  UndoStep,
} from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { elapsedMs, type Moment } from '../kernel/boot.ts';
import type { Marker } from './model.ts';
import type { Span } from './pick.ts';

/** An experiment as far as its events tell. Without `finished` the run ended, or has come, no further. */
export interface ExperimentFacts extends Omit<ExperimentStarted, 'faults'> {
  readonly begun: Marker & Moment;
  readonly phases: readonly (Marker & { readonly phase: ExperimentPhase })[];
  readonly faults: readonly FaultLife[];
  /** By the id of the expectation, as it was settled last. */
  readonly settled: ReadonlyMap<string, ExpectationSettled & Marker>;
  readonly finished?: ExperimentFinished & Marker & { readonly durationMs: number };
}

/** What became of a fault. */
export interface FaultLife extends FaultFacts {
  readonly experiment: string;
  /** Whether the experiment names it in its definition. */
  readonly declared: boolean;
  /** Written down before it went in. One that is declared may never be planned: the run ended first. */
  readonly planned?: Marker;
  readonly injected?: Marker;
  readonly proof?: FaultProof & Marker;
  readonly removed?: Marker & { readonly by: UndoneBy; readonly rung: UndoStep };
  readonly stuck?: Marker & { readonly tried: readonly string[] };
}

/** Experiments in the order they started; one that was tried again stands twice. */
export function foldExperiments(events: readonly SiagaEvent[]): readonly ExperimentFacts[] {
  return events.reduce(stepExperiments, []);
}

/** The same after one more event. The last one is running until it has finished. */
export function stepExperiments(
  known: readonly ExperimentFacts[],
  event: SiagaEvent,
): readonly ExperimentFacts[] {
  const { at, seq } = event;
  switch (event.type) {
    case 'experiment.started':
      return [...known, started(event.data, event)];
    case 'experiment.phase': {
      const { experiment, phase } = event.data;
      return changed(known, named(known, experiment), ({ phases }) => ({
        phases: [...phases, { phase, at, seq }],
      }));
    }
    case 'expectation.settled': {
      const { experiment, expectation } = event.data;
      return changed(known, named(known, experiment), ({ settled }) => ({
        settled: new Map(settled).set(expectation, { ...event.data, at, seq }),
      }));
    }
    case 'experiment.finished':
      return changed(known, named(known, event.data.name), ({ begun }) => ({
        finished: { ...event.data, at, seq, durationMs: Math.max(0, Math.round(elapsedMs(begun, event))) },
      }));
    default:
      return stepFaults(known, event);
  }
}

function started(
  { faults, ...data }: ExperimentStarted,
  { at, seq, mono, boot }: SiagaEvent,
): ExperimentFacts {
  const own = faults.map((fault) => ({ ...fault, experiment: data.name, declared: true }));
  return { ...data, begun: { at, seq, mono, boot }, phases: [], faults: own, settled: new Map() };
}

function stepFaults(known: readonly ExperimentFacts[], event: SiagaEvent): readonly ExperimentFacts[] {
  const { at, seq } = event;
  switch (event.type) {
    case 'fault.planned': {
      const { toxiproxy: _, expiresAt: __, undo: ___, ...facts } = event.data;
      return changed(known, named(known, facts.experiment), ({ faults }) => ({
        faults: faults.some(({ fault }) => fault === facts.fault)
          ? faults.map((each) => (each.fault === facts.fault ? { ...each, planned: { at, seq } } : each))
          : [...faults, { ...facts, declared: false, planned: { at, seq } }],
      }));
    }
    case 'fault.injected':
      return became(known, event.data.fault, { injected: { at, seq } });
    case 'fault.proof':
      return became(known, event.data.fault, { proof: { ...event.data, at, seq } });
    case 'fault.removed':
      return became(known, event.data.fault, {
        removed: { at, seq, by: event.data.by, rung: event.data.rung },
      });
    case 'fault.stuck':
      return became(known, event.data.fault, { stuck: { at, seq, tried: event.data.tried } });
    default:
      return known;
  }
}

/** Experiments run one after another, and may number their faults each for itself: the last one is meant. */
function became(
  known: readonly ExperimentFacts[],
  fault: string,
  facts: Partial<FaultLife>,
): readonly ExperimentFacts[] {
  const index = known.findLastIndex(({ faults }) => faults.some((each) => each.fault === fault));
  return changed(known, index, ({ faults }) => ({
    faults: faults.map((each) => (each.fault === fault ? { ...each, ...facts } : each)),
  }));
}

const named = (known: readonly ExperimentFacts[], experiment: string): number =>
  known.findLastIndex(({ name }) => name === experiment);

function changed(
  known: readonly ExperimentFacts[],
  index: number,
  change: (before: ExperimentFacts) => Partial<ExperimentFacts>,
): readonly ExperimentFacts[] {
  const before = known[index];
  return before === undefined ? known : known.with(index, { ...before, ...change(before) });
}

/** When faults were in; until the end of the run (UTC ms) where one was never removed. */
export function faultSpans(
  faults: readonly Pick<FaultLife, 'injected' | 'removed'>[],
  end: number,
): readonly Span[] {
  return faults.flatMap(({ injected, removed }) =>
    injected === undefined ? [] : [{ from: injected.at, to: removed?.at ?? end }],
  );
}

/** From an experiment's first fault to its end: whatever fails then is for its expectations to judge. */
export function drilledSpans(experiments: readonly ExperimentFacts[], end: number): readonly Span[] {
  return experiments.flatMap(({ faults, finished }) => {
    const injected = faults.find((fault) => fault.injected !== undefined)?.injected;
    return injected === undefined ? [] : [{ from: injected.at, to: finished?.at ?? end }];
  });
}
