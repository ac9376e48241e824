import { oneLine } from './text.ts';

/** What a line of k6's log means for the verdict. */
export type LogFinding =
  | { readonly kind: 'exception'; readonly message: string }
  | { readonly kind: 'summary-exception'; readonly message: string }
  | { readonly kind: 'unknown-option'; readonly message: string }
  /** `list`: metrics and submetrics, joined by a comma and a space, which may also stand within one. */
  | { readonly kind: 'thresholds-crossed'; readonly list: string }
  | { readonly kind: 'error'; readonly message: string }
  | { readonly kind: 'nothing' };

const longest = 300;
const nothing: LogFinding = { kind: 'nothing' };

interface Line {
  readonly level?: string;
  readonly msg?: string;
  readonly error?: string;
  readonly source?: string;
  readonly hint?: string;
}

/** Reads a line of `--log-format=json`. What a script printed itself means nothing. */
export function readLog(text: string): LogFinding {
  const line = parse(text);
  if (line === undefined || line.source === 'console') return nothing;
  const message = oneLine([line.msg, line.error].filter(Boolean).join(': '), longest);
  if (line.msg?.startsWith('There were unknown fields')) {
    return { kind: 'unknown-option', message: oneLine(line.error ?? message, longest) };
  }
  // Told by the exit code, and no matter where another port was free.
  if (line.msg === 'Error from API server') return nothing;
  if (line.level !== 'error' && line.level !== 'fatal' && line.level !== 'panic') return nothing;
  return readError(line, message);
}

function readError(line: Line, message: string): LogFinding {
  // The second form is that of a threshold that ends the run.
  const [, list] = /^thresholds on metrics '(.+)' (?:have been|were) crossed/s.exec(line.msg ?? '') ?? [];
  if (list !== undefined) return { kind: 'thresholds-crossed', list };
  if (/\bat handleSummary \(|end-of-test summary/.test(line.msg ?? ''))
    return { kind: 'summary-exception', message };
  // The end of a scenario, seen by an iteration whose turn under `rps` would come after it.
  if (/\brate: Wait\(n=\d+\) would exceed context deadline/.test(line.msg ?? '')) return nothing;
  // 1.x gives a stack trace no source, 2.x gives both; a hint alone is enough for either.
  const thrown = line.source === 'stacktrace' || line.hint === 'script exception';
  if (thrown || /\n\s+at /.test(line.msg ?? '')) return { kind: 'exception', message };
  return { kind: 'error', message };
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
