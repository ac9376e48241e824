import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { Duration } from '../kernel/duration.ts';
import type { Json } from '../kernel/json.ts';

/** Program and arguments, run in the project's folder; no shell reads them. What `plan` gave is in `SIAGA_FAULT`, as JSON. */
export type FaultCommand = readonly [string, ...string[]];

/** A kind of fault that a project defines itself. */
export interface OwnFault<Spec, Undo extends Json> {
  /** What it is called in events and reports; unique, and none of Siaga's own kinds. Lower-case words joined by -. */
  readonly kind: string;
  /** Judges what an experiment gives with `fault.own`, at once. Default: anything that is JSON. */
  readonly spec?: StandardSchemaV1<unknown, Spec>;
  /** Longest that each step may take. Default 10 s, at most 60 s. */
  readonly timeout?: Duration;
  /**
   * What the undo needs to know, looked up before anything is touched: plain data, without secrets. It is written down
   * and handed to the guard, which undoes with it should this process die. Default: the spec itself.
   */
  readonly plan?: (spec: Spec, signal: AbortSignal) => Undo | Promise<Undo>;
  readonly inject: FaultCommand | ((undo: Undo, spec: Spec, signal: AbortSignal) => unknown);
  /** Whether it is there: `true` or `false`, or a command that ends with 0 or not. It alone proves the fault. */
  readonly confirm:
    | FaultCommand
    | ((undo: Undo, spec: Spec, signal: AbortSignal) => boolean | Promise<boolean>);
  /** May be run where nothing was injected, and more than once. A function is called in another process after a crash: all it knows is in `undo`. */
  readonly undo: FaultCommand | ((undo: Undo) => unknown);
}

// The types are erased where kinds are kept together; each keeps its own where it is written.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyOwnFault = OwnFault<any, any>;

/** A fault of a project's own kind, as an experiment uses it. */
export interface UsedOwnFault {
  readonly kind: 'own';
  readonly definition: AnyOwnFault;
  readonly spec: Json;
}

/** Declares a kind of fault, in a file of `faults/`; only infers, so that its steps know the types of its data. */
export function defineFault<Spec, Undo extends Json = Json>(
  definition: OwnFault<Spec, Undo>,
): OwnFault<Spec, Undo> {
  return definition;
}

/** A fault of the project's own, from a file of `faults/`, with what its kind wants to know. */
export const own = <Spec, Undo extends Json>(
  definition: OwnFault<Spec, Undo>,
  spec?: Spec,
): UsedOwnFault => ({ kind: 'own', definition, spec: (spec ?? null) as Json });
