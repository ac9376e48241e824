import type { FaultFacts, FaultPlanned, FaultProof, UndoStep, UndoneBy } from './fault.ts';
import type { IncidentEntry } from './entry.ts';
import type { GatePartEnded } from './gate.ts';
import type { Json } from '../kernel/json.ts';
import type { Outcome, Verdict, Violation } from '../kernel/outcome.ts';
import type { RoundMeasured, StandingAnswer } from './round.ts';
import type { SampleBatch } from './samples.ts';
import type { IncidentHistory } from './history.ts';
import type { HoldBucket, IncidentNoticed, IncidentResumed, IncidentTransition } from './incident.ts';
import type { LoadFinished, LoadStarted } from './load.ts';
import type { MessageDead, MessageFailed, MessageRequested } from './message.ts';
import type { JudgeSpec } from './specs.ts';
import type { ProcessMark } from '../kernel/ports.ts';
import type { ToggleApplied, TogglePlanned, ToggleRead } from './toggles.ts';

export type {
  CallFigures,
  FaultFacts,
  FaultPlanned,
  FaultProof,
  UndoStep,
  UndoneBy,
  ProbeFigures,
} from './fault.ts';
export type { EndpointFigures, LoadFinished, LoadStarted } from './load.ts';

/** Every kind of event with its payload. Payloads are JSON; durations are milliseconds unless a name says otherwise. */
export interface Catalogue {
  'run.started': RunStarted;
  'run.phase': RunPhase;
  'run.finished': RunFinished;
  'run.interrupted': { readonly signal: string };
  'run.problem': Problem;
  /** How one part of a gate ended, or why it was not run. */
  'gate.part': GatePartEnded;

  'round.measured': RoundMeasured;
  samples: SampleBatch;
  /** A run of a check that is limited by the hour begins. */
  'check.asked': { readonly check: string };
  'check.finished': CheckFinished;
  'sampling.late': {
    readonly lane: string;
    readonly check: string;
    readonly latenessMs: number;
    readonly skipped: number;
  };
  'sampling.dropped': { readonly signal: string; readonly count: number; readonly latestMs: number };

  'load.started': LoadStarted;
  'load.exception': { readonly message: string; readonly count: number };
  /** The load should be sending and k6 has said nothing, not even that it lives, for two buckets: it stands still. */
  'load.silent': { readonly load: string; readonly sinceMs: number };
  /**
   * k6 did nothing between these, UTC ms: held by the system, or without a word of any kind. Told when it is noticed, and
   * once more, with the whole of it, when k6 goes on.
   */
  'load.stood': { readonly load: string; readonly from: number; readonly to: number };
  'load.finished': LoadFinished;

  'toggle.planned': TogglePlanned;
  'toggle.applied': ToggleApplied;
  'toggle.read': ToggleRead;

  'drill.lease': DrillLease;
  'experiment.started': ExperimentStarted;
  'experiment.phase': { readonly experiment: string; readonly phase: ExperimentPhase };
  'expectation.settled': ExpectationSettled;
  'experiment.finished': ExperimentFinished;
  'fault.planned': FaultPlanned;
  'fault.injected': { readonly fault: string; readonly proxy: string; readonly readBack: Json };
  'fault.proof': FaultProof;
  'fault.removed': {
    readonly fault: string;
    readonly proxy: string;
    readonly by: UndoneBy;
    readonly rung: UndoStep;
  };
  /** Toxiproxy did not answer: what it did since it last had is not known. Run's own time, ms since the epoch. */
  'toxiproxy.silent': { readonly sinceMs: number; readonly untilMs: number };
  'fault.stuck': { readonly fault: string; readonly proxy: string; readonly tried: readonly string[] };

  'incident.transition': IncidentTransition;
  'incident.bucket': HoldBucket;
  'incident.blind': { readonly signal: string; readonly sinceMs: number };
  'incident.resumed': IncidentResumed;
  'incident.history': IncidentHistory;
  'incident.noticed': IncidentNoticed;
  /** What a person put on its record, with a command of its own: no run wrote it. */
  'incident.entry': IncidentEntry;
  /** Where incidents stood at the end of a run; no longer written, for transitions tell it. */
  'incident.snapshot': { readonly snapshot: Json };
  'clock.jump': {
    readonly wallMs: number;
    readonly monotonicMs: number;
    /** How far the wall clock moved against the monotonic one; negative where it was set back. */
    readonly byMs?: number;
    /** When the two were last seen to agree, in the run's own time: the buckets since then are unknown. */
    readonly sinceMs?: number;
    /** It was set back before this run began, at least so far: no bucket of this run is touched. */
    readonly betweenRuns?: true;
  };
  tick: { readonly bucket: number };

  'message.requested': MessageRequested;
  'message.delivered': { readonly message: string; readonly channel: string; readonly attempt: number };
  'message.failed': MessageFailed;
  'message.dead': MessageDead;
}

export type EventType = keyof Catalogue;

export interface RunStarted {
  /** The process that runs it, so that others know when it has ended. */
  readonly process?: ProcessMark;
  readonly command: string;
  /** Name given on the command line: experiment, scenario or plan. */
  readonly subject: string;
  readonly target: TargetFacts;
  readonly drill: boolean;
  readonly judge: JudgeSpec;
  /** People by role, for drafts; from the runbook. */
  readonly contacts: readonly { readonly role: string; readonly name: string }[];
  readonly endpoints: readonly string[];
  readonly versions: Readonly<Record<string, string>>;
  /** `project` where state is kept, `stateless` where the run could not keep any. */
  readonly state: 'project' | 'stateless';
  /** The command line that repeats this run. */
  readonly repeat: string;
  /** What that command line is made of. */
  readonly invocation?: Invocation;
  /** What failed answers said may stand in the envelope, JUnit and what GitHub shows. Default: it may not. */
  readonly showBodies?: true;
  /** How the program is called where this ran: `npx siaga`. Default: `siaga`. */
  readonly called?: string;
  /** Deadlines of documents after an incident, from the runbook; real time, never divided by the speed. */
  readonly documents?: { readonly draftMs: number; readonly reportMs: number; readonly reviewMs: number };
}

/** How a run was called. */
export interface Invocation {
  /** Command, subject and options, without those that have fields of their own here and without the speed: `load smoke --rate 5`. */
  readonly words: string;
  /** As it was given with `-C`. */
  readonly project?: string;
  /** As it was given with `--target`. */
  readonly target?: string;
  /** The address that `SIAGA_TARGET_URL` gave the target, where it is another than its own. */
  readonly address?: string;
}

/** A part of the run begins. */
export interface RunPhase {
  /** Its name, for people. */
  readonly phase: string;
  /** What kind of part it is; absent where that decides nothing, such as after the last experiment. */
  readonly part?: RunPart;
  readonly detail?: string;
  /** What fires in it is the drill's; absent as the whole run (`run.started`). */
  readonly drill?: boolean;
}

/** `staying`: a round goes on sampling until its window is decided. `experiment`: one of them; `experiments`: a gate's part. */
export type RunPart = GatePartEnded['part'] | 'experiment' | 'staying';

/** What may be said of a target in a report: never a secret, the URL without credentials and query. */
export interface TargetFacts {
  readonly name: string;
  readonly url: string;
}

export interface RunFinished {
  readonly verdict: RunVerdict;
  readonly exitCode: number;
  /** What failed first, in a line; empty when nothing did. */
  readonly reason: string;
}

/** `error` is usage or configuration (exit 2) or a bug of ours (exit 70); events of earlier versions say `inconclusive`. */
export type RunVerdict = 'passed' | 'failed' | 'inconclusive' | 'rollback-failed' | 'interrupted' | 'error';

/** Something that kept us from measuring: ours, never the target's. */
export interface Problem {
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

export interface CheckFinished {
  readonly check: string;
  readonly title: string;
  readonly tags: readonly string[];
  /** The endpoint (`GET /api/sol/complete`) this observed; absent for probes of other kinds. */
  readonly endpoint?: string;
  /** The dependency that was asked instead of the target, by the name of its proxy. */
  readonly dependency?: string;
  readonly outcome: Outcome;
  readonly violations: readonly Violation[];
  /** Why it is inconclusive. */
  readonly reason?: string;
  readonly durationMs: number;
  readonly status?: number;
  readonly throttled?: true;
  readonly timedOut?: true;
  /** The target itself took no connection, or its TLS or WebSocket handshake failed. */
  readonly noConnection?: 'refused' | 'handshake';
  /** The target gave no answer: refused, reset, timed out. An answer of any status is one. */
  readonly noAnswer?: true;
  /** It failed for its slowness alone: a right answer, within its timeout. */
  readonly slowOnly?: true;
  /** This process was late or stood still, past its budget: its times say nothing. Inconclusive where nothing else is wrong. */
  readonly late?: true;
  /** It was not run: its `maxPerHour` is used up. */
  readonly notAsked?: true;
  /** Of one that was not run: its last conclusive answer, which stands until it is asked again. */
  readonly stands?: StandingAnswer;
  /** It was not run: it asks a dependency of which no address is known. */
  readonly noAddress?: true;
  /** Answers since its event before this one that passed, said the same, and were not written one by one. Default 0. */
  readonly unwritten?: number;
  /** Absent where the request never left for want of a connection. */
  readonly requestId?: string;
  /** SHA-256 of the body, hex, first 16 characters. */
  readonly bodyHash?: string;
  /** Only where the check opts in; at most 4 KiB. */
  readonly body?: string;
  /** Of a failed check: what the answer said, in one line of at most 300 characters, secrets and the like hidden. */
  readonly excerpt?: string;
  /** Allowlisted only. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly phases?: PhaseTimings;
  readonly latenessMs: number;
  readonly loopLagMs: number;
  readonly lane: string;
  /** Facts about the target that this response reported (`fallback: true`). */
  readonly states: Readonly<Record<string, boolean | string | number>>;
  /** States that the check declares and this answer did not tell. Absent: none. */
  readonly untold?: readonly string[];
}

export interface PhaseTimings {
  readonly dns?: number;
  readonly connect?: number;
  readonly tls?: number;
  /** Request sent to first byte. */
  readonly processing?: number;
  readonly transfer?: number;
}

export type ExperimentPhase = 'prepare' | 'steady-state' | 'method' | 'rollback' | 'recovery' | 'settled';

/** The right to break the target on purpose, which one run has at a time: taken, renewed every few seconds, given back. */
export interface DrillLease {
  readonly state: 'taken' | 'renewed' | 'released';
  readonly experiment: string;
  /** UTC ms: over unless it is renewed before. */
  readonly expiresAt: number;
  /** The runner and its guard. Once all of them have ended nobody holds it, whatever its time. */
  readonly processes: readonly ProcessMark[];
}

export interface ExperimentStarted {
  readonly name: string;
  readonly requirements: readonly string[];
  readonly hypothesis: string;
  readonly expects: readonly string[];
  readonly faults: readonly FaultFacts[];
  readonly expectations: readonly ExpectationFacts[];
}

export interface ExpectationFacts {
  readonly id: string;
  /** In words, from the definition. */
  readonly text: string;
  readonly stage: 'steady-state' | 'during' | 'after';
  readonly mode: 'within' | 'throughout' | 'never';
  readonly deadlineMs?: number;
}

export interface ExpectationSettled {
  readonly experiment: string;
  readonly expectation: string;
  readonly outcome: 'met' | 'broken' | 'unknown';
  readonly path?: string;
  readonly got: string;
  readonly allowed: string;
  /** From the start of its stage; absent where nothing happened. */
  readonly afterMs?: number;
  /** Sequences of the events that show it. */
  readonly evidence: readonly number[];
}

/** A time and the two events it is the difference of. */
export interface Timing {
  readonly ms: number;
  readonly from: number;
  readonly to: number;
  /** Uncertainty: the interval of the probe that noticed. */
  readonly plusMinusMs: number;
}

/** What made an experiment end before its time. */
export type StopKind =
  | 'interrupted'
  | 'steady-state'
  | 'undeclared'
  | 'other-target'
  | 'load-ended'
  | 'load-silent'
  | 'guard-lost'
  | 'lease-lost'
  | 'unproven'
  | 'tampered'
  | 'toxiproxy-lost'
  | 'unseen'
  | 'could-not-run';

/**
 * What decided the verdict on an experiment: why it was stopped, what was left behind, a fault that was gone before it
 * was undone, too little seen of a stage (`unseen`), a fault that is not proven, an expectation that is broken or not
 * decided, a recovery that was missed.
 */
export type ExperimentReason =
  | StopKind
  | 'left-behind'
  | 'fault-gone'
  | 'broken'
  | 'undecided'
  | 'not-recovered';

export interface ExperimentFinished {
  readonly name: string;
  readonly verdict: Verdict;
  /** What decided it, the first first, in words. */
  readonly reasons: readonly string[];
  /** The same as codes, one for each of `reasons`; absent where an earlier version wrote words that have none. */
  readonly because?: readonly ExperimentReason[];
  readonly timings: { readonly detect?: Timing; readonly contain?: Timing; readonly recover?: Timing };
}
