import {
  isRecord,
  object,
  callable,
  duration,
  like,
  list,
  text,
  type Rule,
  standardSchema,
} from '../kernel/shape.ts';
import type { ChannelKind } from '../notify/channel.ts';

/** The kinds that need no definition. */
export const builtIn = ['telegram', 'webhook'] as const;

/** The fields of a kind of channel that a project defines. */
export const channelKindShape: Rule = object<ChannelKind<Record<string, unknown>>>(
  {
    kind: like(
      new RegExp(`^(?!(?:${builtIn.join('|')})$)[a-z0-9]+(?:-[a-z0-9]+)*$`),
      `lower-case words joined by -, such as slack; not ${builtIn.join(' or ')}, which Siaga has itself`,
    ),
    options: standardSchema,
    send: callable,
  },
  {
    secret: list(text('the name of an option'), { what: 'names of options' }),
    timeout: duration({ maxMs: 30_000, allowed: 'up to 30s' }),
  },
);

/** Whether an exported value was meant as a kind of channel, sound or not. */
export const looksLikeChannelKind = (found: unknown): boolean =>
  isRecord(found) && 'send' in found && ('kind' in found || 'options' in found);
