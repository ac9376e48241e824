/** One number of one metric at one time, as `k6 run --out json` writes it. */
export interface Point {
  readonly metric: string;
  /** UTC ms. */
  readonly at: number;
  readonly value: number;
  readonly tags: Readonly<Record<string, string>>;
  /** The virtual user it is of. */
  readonly user?: string;
}

const start = '{"metric":"';

/** The metric of a line of points without parsing the line; `undefined` where it is none. */
export function metricOf(line: string): string | undefined {
  if (!line.startsWith(start)) return undefined;
  const end = line.indexOf('"', start.length);
  return end < 0 ? undefined : line.slice(start.length, end);
}

/** A line as a point; `undefined` for anything else, such as text a script printed. */
export function parsePoint(line: string): Point | undefined {
  const value = parse(line);
  if (!isPoint(value)) return undefined;
  const { data, metric } = value;
  const at = Date.parse(data.time);
  if (Number.isNaN(at)) return undefined;
  const user = data.metadata?.['vu'];
  return { metric, at, value: data.value, tags: data.tags ?? {}, ...(user !== undefined && { user }) };
}

interface Wire {
  readonly metric: string;
  readonly type: 'Point';
  readonly data: {
    readonly time: string;
    readonly value: number;
    readonly tags?: Record<string, string>;
    readonly metadata?: Record<string, string>;
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isPoint(value: unknown): value is Wire {
  const wire = value as Partial<Wire> | null | undefined;
  return (
    wire?.type === 'Point' &&
    typeof wire.metric === 'string' &&
    typeof wire.data?.time === 'string' &&
    typeof wire.data.value === 'number'
  );
}
