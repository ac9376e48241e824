import { attributesOn } from '../chaos/fault-kinds.ts';
import type { AnyOwnFault } from '../chaos/own-fault.ts';
import {
  type Rule,
  callable,
  duration,
  isRecord,
  like,
  list,
  object,
  text,
  standardSchema,
} from '../kernel/shape.ts';

const builtIn = [...Object.keys(attributesOn('proxy')), ...Object.keys(attributesOn('process')), 'own'];

const command = list(text(), { min: 1, what: 'words' });
const step: Rule = (found, path) => (Array.isArray(found) ? command : callable)(found, path);

/** The fields of a kind of fault that a project defines. */
export const ownFaultShape: Rule = object<AnyOwnFault>(
  {
    kind: like(
      new RegExp(`^(?!(?:${builtIn.join('|')})$)[a-z0-9]+(?:-[a-z0-9]+)*$`),
      `lower-case words joined by -, such as queue-full; none of Siaga's own (${builtIn.join(', ')})`,
    ),
    inject: step,
    confirm: step,
    undo: step,
  },
  {
    spec: standardSchema,
    timeout: duration({ maxMs: 60_000, allowed: 'up to 60s' }),
    plan: callable,
  },
);

/** Whether an exported value was meant as a kind of fault, sound or not. */
export const looksLikeOwnFault = (found: unknown): boolean =>
  isRecord(found) && 'inject' in found && ('undo' in found || 'confirm' in found);
