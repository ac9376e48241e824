import type { StandardSchemaV1 } from '@standard-schema/spec';
import type { MessageRequested } from '../event/message.ts';
import type { Duration } from '../kernel/duration.ts';
import type { Delivery } from './ports.ts';

/** What a channel is given to send. `message` is a stable id: a message may be sent twice, and whoever receives it can tell by that. */
export type ChannelMessage = MessageRequested;

/** A kind of channel that a project defines itself. */
export interface ChannelKind<Options> {
  /** What `kind` says in `siaga.config.ts`; unique in the project. Lower-case words joined by -, not `telegram` or `webhook`. */
  readonly kind: string;
  /**
   * Judges the options that stand beside `kind`, `language`, `standby` and `receives`, their variables filled in. It must
   * answer at once. What it refuses ends a command with exit 2 before anything is touched.
   */
  readonly options: StandardSchemaV1<unknown, Options>;
  /**
   * Options that are secret. They must come from the environment, as `${NAME}`, and are hidden in everything that is
   * written: events, reports, logs. Default: none.
   */
  readonly secret?: readonly (keyof Options & string)[];
  /** Longest that one `send` may take. Default 10 s, at most 30 s. */
  readonly timeout?: Duration;
  /**
   * Sends one message, once; `deliveryOf` makes its result of an HTTP status. `signal` aborts when the time is up. What it
   * throws, and no result in time, counts as `retry`; after ten attempts the message is given up, and goes to a channel on
   * standby where there is one.
   */
  send(message: ChannelMessage, options: Options, signal: AbortSignal): Promise<Delivery>;
}

// The options are erased where kinds are kept together; each keeps its own where it is written.
// oxlint-disable-next-line typescript/no-explicit-any
export type AnyChannelKind = ChannelKind<any>;

/** Declares a kind of channel, in a file of `channels/`; only infers, so that `send` knows the type of its options. */
export function defineChannel<Options>(kind: ChannelKind<Options>): ChannelKind<Options> {
  return kind;
}
