import {
  callable,
  duration,
  either,
  isRecord,
  list,
  object,
  record,
  text,
  type Rule,
  kebab,
} from '../kernel/shape.ts';
import type { Source, SourceRead } from '../sampling/source.ts';
import { url } from './url-shape.ts';

type Of<Key extends string> = Extract<SourceRead, Readonly<Record<Key, unknown>>>;

const command = object<Of<'command'>>({ command: list(text(), { min: 1, what: 'words' }) });
const asked = object<Of<'url'>>({ url, pick: callable }, { headers: record(text()) });

/** The fields of a project's own source, their types and bounds. */
export const sourceShape: Rule = object<Source>({
  name: kebab,
  every: duration({ minMs: 100, allowed: '100ms or more' }),
  timeout: duration({ maxMs: 30_000, allowed: 'up to 30s' }),
  read: (found, at) => {
    if (isRecord(found) && 'url' in found) return asked(found, at);
    return either(command, callable)(found, at);
  },
});

/** Whether an exported value was meant as a source, sound or not. */
export const looksLikeSource = (found: unknown): boolean =>
  isRecord(found) && 'read' in found && ('name' in found || 'every' in found);
