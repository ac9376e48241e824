import type { AnyExperiment } from '../chaos/definition.ts';
import type { AnyOwnFault } from '../chaos/own-fault.ts';
import type { AnyCheck } from '../check/definition.ts';
import type { Diagnostic } from '../kernel/diagnostic.ts';
import type { AnyChannelKind } from '../notify/channel.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Source } from '../sampling/source.ts';
import type { Config } from './target.ts';

/** A k6 script of the project. */
export interface Scenario {
  /** File name without its ending: `smoke`. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** Everything a project defines. What is broken is left out and stands in the diagnostics. */
export interface Project {
  /** Absolute. */
  readonly dir: string;
  readonly runbook?: Runbook;
  readonly config?: Config;
  readonly checks: readonly AnyCheck[];
  readonly experiments: readonly AnyExperiment[];
  /** The kinds of channels that it defines itself. */
  readonly channels: readonly AnyChannelKind[];
  /** The sources of signals that it defines itself. */
  readonly sources: readonly Source[];
  /** The kinds of faults that it defines itself, each with its file, relative to the folder. */
  readonly faults: readonly { readonly file: string; readonly value: AnyOwnFault }[];
  readonly scenarios: readonly Scenario[];
  /** The files of the definitions, relative to the folder, in the order they were read. */
  readonly files: readonly string[];
  readonly diagnostics: readonly Diagnostic[];
}

/** A project without an error. */
export type SoundProject = Project & { readonly runbook: Runbook; readonly config: Config };
