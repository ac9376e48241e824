import type { ToggleWay } from '../toggle/way.ts';
import type { Json } from '../kernel/json.ts';
import type { ProcessId } from '../kernel/ports.ts';
import type { ProxyState } from './proxy-state.ts';

/**
 * How a change is undone, as plain data: what a process that knows neither the experiment nor its driver needs in
 * order to undo it. It may hold secrets: it goes over the pipe to the guard, and is never written or printed.
 */
export type Recipe =
  | {
      readonly replay: 'toxiproxy';
      readonly url: string;
      readonly proxy: string;
      /** Names of the toxics that are taken out. */
      readonly toxics: readonly string[];
      /** The proxy as last seen: what a wedged Toxiproxy can be restored from. */
      readonly known?: ProxyState;
      /** The proxy before it was deleted in order to be created again. */
      readonly deleted?: ProxyState;
    }
  | {
      readonly replay: 'toggles';
      readonly way: ToggleWay;
      readonly normal: Readonly<Record<string, string>>;
      readonly changes: Readonly<
        Record<string, { readonly before: string; readonly set: readonly string[] }>
      >;
    }
  /** Nothing where that very process has ended. */
  | { readonly replay: 'process'; readonly process: ProcessId; readonly signal: 'SIGCONT' }
  /** Done where it ends with 0. It may run more than once, and has to do no harm then. */
  | {
      readonly replay: 'command';
      readonly command: readonly [string, ...string[]];
      readonly cwd: string;
      /** Added to the environment of whoever runs it. */
      readonly env: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      /** Not run while this process lives: it was never ended. */
      readonly unless?: ProcessId;
      /** Values that its output must not show. */
      readonly secrets: readonly string[];
    }
  /** A project's own fault: `undo` of the fault that this file exports, with what its `plan` returned; in a child process. */
  | {
      readonly replay: 'module';
      readonly kind: string;
      /** The project's folder, absolute: its TypeScript may import `siaga`. */
      readonly folder: string;
      /** Absolute. */
      readonly file: string;
      readonly data: Json;
      readonly timeoutMs: number;
    };

/** A change that was announced and is not known to be undone. */
export interface Pending {
  readonly run: string;
  /** Its id within the run, as in events. */
  readonly fault: string;
  /** What it is on, as in events. */
  readonly subject: string;
  readonly recipe: Recipe;
}
