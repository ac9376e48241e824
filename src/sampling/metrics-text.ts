/** One line of the Prometheus text format. */
export interface Series {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const linePattern = /^([a-zA-Z_:][\w:]*)\s*(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const labelPattern = /([a-zA-Z_]\w*)\s*=\s*"((?:[^"\\]|\\.)*)"\s*(?:,\s*|$)/y;
const escapes: Readonly<Record<string, string>> = { '\\n': '\n', '\\"': '"', '\\\\': '\\' };

/**
 * Parses the Prometheus text exposition format 0.0.4.
 * @throws {SyntaxError} at the first line that is neither a comment nor a sample
 */
export function parseMetrics(text: string): Series[] {
  return text.split('\n').flatMap((raw, index) => {
    const line = raw.trim();
    if (line === '' || line.startsWith('#')) return [];
    const series = parseLine(line);
    if (series === undefined) throw new SyntaxError(`line ${index + 1} is no metric: ${line.slice(0, 80)}`);
    return [series];
  });
}

const toldPattern = /^\s*(?:# (?:TYPE|HELP) )?([a-zA-Z_:][\w:]*)/;

/** The names that a page of metrics tells: of its samples, and of metrics without any, which say so in a comment. */
export function namesTold(text: string): ReadonlySet<string> {
  return new Set(text.split('\n').flatMap((line) => toldPattern.exec(line)?.[1] ?? []));
}

function parseLine(line: string): Series | undefined {
  const [, name, labelText = '', valueText = ''] = linePattern.exec(line) ?? [];
  const labels = parseLabels(labelText.trim());
  const value = parseValue(valueText);
  return name === undefined || labels === undefined || value === undefined
    ? undefined
    : { name, labels, value };
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
