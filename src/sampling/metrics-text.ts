/** One line of the Prometheus text format. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
  /** When it was taken, UTC ms, where the line says so. */
  readonly at?: number;
}

/** A page of metrics. */
export interface MetricsPage {
  readonly series: readonly Series[];
  /** Those of its samples, and of metrics without any, which say so in a comment. */
  readonly names: ReadonlySet<string>;
  /** What the page says that a metric is: `counter`, `summary`. */
  readonly types: ReadonlyMap<string, string>;
}

const linePattern = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+(-?\d+(?:\.\d+)?))?$/;
const labelPattern = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/y;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/**
 * Reads a page of metrics.
 * @throws {SyntaxError} as `parseMetrics`
 */
export function readPage(text: string): MetricsPage {
  return { series: parseMetrics(text), names: namesIn(text), types: typesIn(text) };
}

/**
 * Parses the Prometheus text exposition format 0.0.4; timestamps also of OpenMetrics, which are in seconds.
 * @throws {SyntaxError} at the first line that is neither a comment nor a sample
 */
export function parseMetrics(text: string): Series[] {
  const unitMs = /^# EOF\s*$/m.test(text) ? 1_000 : 1;
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const series = parseLine(line, unitMs);
    if (series === undefined) throw new SyntaxError(`line ${index + 1} is no metric: ${line.slice(0, 80)}`);
    return [series];
  });
}

const namePattern = /^\s*(?:# (?:TYPE|HELP) )?([a-zA-Z_:][\w:]*)/;

/** The names that a page of metrics tells: of its samples, and of metrics without any, which say so in a comment. */
export function namesIn(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').flatMap((line) => namePattern.exec(line)?.[1] ?? []));
}

const typePattern = /^\s*# TYPE ([a-zA-Z_:][\w:]*) +(\w+)/;

function typesIn(text: string): ReadonlyMap<string, string> {
  const types = text.split('\n').flatMap((line): [string, string][] => {
    const [, name, type] = typePattern.exec(line) ?? [];
    return name === undefined || type === undefined ? [] : [[name, type.toLowerCase()]];
  });
  return new Map(types);
}

function parseLine(line: string, unitMs: number): Series | undefined {
  const [, name, labelText = '', valueText = '', at] = linePattern.exec(line) ?? [];
  const labels = parseLabels(labelText.trim());
  const value = parseValue(valueText);
  return name === undefined || labels === undefined || value === undefined
    ? undefined
    : { name, labels, value, ...(at !== undefined && { at: Number(at) * unitMs }) };
}

function parseLabels(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {};
  let at = 0;
  while (at < text.length) {
    labelPattern.lastIndex = at;
    const [, name, value] = labelPattern.exec(text) ?? [];
    if (name === undefined || value === undefined) return undefined;
    labels[name] = value.replaceAll(/\\[n"\\]/g, (escape) => escapes[escape] ?? escape);
    at = labelPattern.lastIndex;
  }
  return labels;
}

function parseValue(text: string): number | undefined {
  if (/^[+-]?Inf$/.test(text)) return text.startsWith('-') ? -Infinity : Infinity;
  if (/^[+-]?nan$/i.test(text)) return Number.NaN;
  const value = Number(text);
  return text === '' || Number.isNaN(value) ? undefined : value;
}
