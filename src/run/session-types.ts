import type { Breaks } from '../chaos/plan.ts';
import type { Guard } from '../effect/contract.ts';
import type { AnyCheck } from '../check/definition.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { LiveJudge } from '../exercise/live-judge.ts';
import type { SoundProject } from '../project/types.ts';
import type { CommandOptions, RunFlags } from './flags.ts';
import type { ResolvedTarget } from './resolve-target.ts';
import type { Platform } from './platform.ts';

/** What a command asks of a session. */
export interface SessionRequest {
  /** Read before anything is started, and only once. */
  readonly project: SoundProject;
  readonly command: string;
  /** Experiment, scenario or plan. */
  readonly subject: string;
  readonly drill: boolean;
  /** Judge `load` signals from k6's points rather than from probes. */
  readonly loadRunning: boolean;
  readonly breaks: Breaks;
  readonly versions?: Readonly<Record<string, string>>;
  /** Options of its own that repeat this run; `undefined` ones were not given. */
  readonly options?: CommandOptions;
}

/** One run: its project, target, journal and judge, and what ends with it. */
export interface Session {
  readonly request: SessionRequest;
  readonly platform: Platform;
  readonly flags: RunFlags;
  readonly project: SoundProject;
  readonly target: ResolvedTarget;
  readonly judge: JudgeSpec;
  readonly store: Store;
  readonly journal: RunJournal;
  readonly live: LiveJudge;
  readonly guard: Guard;
  readonly run: string;
  /** Absolute. */
  readonly folder: string;
  /** Aborted where the run is interrupted, or its judge threw. */
  readonly signal: AbortSignal;
  readonly core: readonly AnyCheck[];
}
