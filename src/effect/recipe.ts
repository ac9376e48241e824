import type { UndoStep } from '../event/fault.ts';
import type { Draft } from '../event/envelope.ts';
import type { Json } from '../kernel/json.ts';
import type { ProcessId } from '../kernel/ports.ts';
import type { ToggleMethod } from '../toggle/method.ts';
import type { ProxyState } from './proxy-state.ts';

/**
 * How one change is undone, as plain data: the runner hands it to its guard before it makes the change, and the guard
 * replays it should the runner die. It may hold secrets: it goes over the pipe to the guard and nowhere else.
 */
export type Recipe =
  /** Takes toxics of ours out of a proxy, and enables it where we had disabled it. */
  | {
      readonly replay: 'toxiproxy';
      readonly url: string;
      readonly proxy: string;
      readonly toxics: readonly string[];
      /** As it was when it was about to be deleted in order to be created again. */
      readonly deleted?: ProxyState;
    }
  /** Gives up the right to break a Toxiproxy's target, once nothing of the run is left in it. */
  | {
      readonly replay: 'toxiproxy-lease';
      readonly url: string;
      readonly run: string;
      /** Its proxies before the run touched them: what a wedged one is restored from. */
      readonly known: readonly ProxyState[];
      /** Where the server is the reference system's of this project: it is restarted if nothing else helps. */
      readonly projectDir?: string;
    }
  /** Sets toggles to what they were, where they still read as they were set. What reads otherwise is somebody's decision since. */
  | {
      readonly replay: 'toggles';
      readonly method: ToggleMethod;
      /** The runbook's values, against which what is read is written down. */
      readonly normal: Toggles;
      readonly changes: ToggleChanges;
      /** What may not be written of what it reads and runs. */
      readonly secrets: readonly string[];
    }
  /** Lets a stopped process go on. */
  | { readonly replay: 'process'; readonly process: ProcessId; readonly signal: 'SIGCONT' }
  /** Runs a command, which is to end with exit code 0; no shell reads it. It may run more than once. */
  | {
      readonly replay: 'command';
      readonly command: readonly [string, ...string[]];
      readonly cwd: string;
      /** Set beside what the guard itself was started with. */
      readonly env: Toggles;
      readonly timeoutMs: number;
      /** What may not be written of its output. */
      readonly secrets: readonly string[];
      /** Not run while this process lives: it was never ended. */
      readonly unless?: ProcessId;
      /** As what it is written down. Default: `undone`. */
      readonly step?: UndoStep;
    }
  /** Calls `undo(data)` of the fault of this kind that a file exports, in a process of its own. */
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

type Toggles = Readonly<Record<string, string>>;

/** By toggle: what it was before it was touched, and every value that was set or was about to be set. */
export type ToggleChanges = Readonly<
  Record<string, { readonly before: string; readonly set: readonly string[] }>
>;

/** A change that is about to be made, or is made, and not undone yet. */
export interface Pending {
  /** A later one with the same id takes its place. */
  readonly id: string;
  /** At once · when those are undone, or have been tried for a while · when everything else is. */
  readonly order: 'first' | 'then' | 'last';
  /** What may still be making the change: waited for before it is undone, and ended after `waitMs`. */
  readonly waitFor?: { readonly processes: readonly ProcessId[]; readonly waitMs: number };
  /** As what its end is written down. Absent: the replay says itself what happened. */
  readonly fault?: { readonly fault: string; readonly proxy: string };
  readonly recipe: Recipe;
}

/** How the undo of one pending change ended. */
export type Settled = {
  readonly id: string;
  /** What happened on the way, to be written down. */
  readonly events?: readonly Draft[];
  /** What became of each, where one change is of several values. */
  readonly values?: ValuesUndone;
} & (
  | { readonly outcome: 'undone'; readonly step: UndoStep }
  /** It was never made, or somebody undid it. */
  | { readonly outcome: 'already-gone' }
  /** Neither as before nor as we made it: somebody's decision since, and left alone. */
  | { readonly outcome: 'others' }
  | { readonly outcome: 'stuck'; readonly tried: readonly string[] }
);

/** Who undoes what a dead run left: its guard, moments after, or somebody with `siaga chaos heal`. */
export type Undoer = 'guard' | 'heal';

/** What became of the values that one run changed. */
export interface ValuesUndone {
  /** Read back as before, by us. */
  readonly restored: Toggles;
  /** Still as the dead run set them, or unreadable, with what they should be. */
  readonly left: Toggles;
  /** Neither as before nor as the run set them: left alone. */
  readonly others: readonly { readonly name: string; readonly got: string; readonly before: string }[];
  /** Why something is left. */
  readonly reason?: string;
}
