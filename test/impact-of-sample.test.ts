import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parseEvents } from '../src/report/parse.ts';
import { renderAll } from '../src/run/conclude.ts';
import { filesBelow, read } from './support/sources.ts';

// Computed the plain way, from the lines of the file: it shares no code with what it checks.

interface Line {
  readonly type: string;
  readonly seq: number;
  readonly at: number;
  readonly data: {
    readonly incident: string;
    readonly effectiveAt: number;
    readonly change: { readonly kind: string; readonly by?: { readonly since: number } };
    readonly signal: string;
    readonly source: string;
    readonly labels: { readonly endpoint?: string };
    readonly from: number;
    readonly to: number;
    readonly durationMs: number;
    readonly data: { readonly kind: string; readonly total: number; readonly bad: number };
    readonly endpoint?: string;
    readonly dependency?: string;
    readonly outcome: string;
    readonly status?: number;
    readonly noAnswer?: true;
    readonly timedOut?: true;
    readonly noConnection?: string;
    readonly violations: readonly { readonly path: string }[];
  };
}

interface Figures {
  total: number;
  bad: number;
  readonly endpoints: Map<string, { total: number; bad: number }>;
  /** Failed answers to checks in the windows of no batch that is added up. */
  alone: number;
}

/** Each time an incident was open, with what the lines between its start and RECOVERED add up to. */
function figuresOf(lines: readonly Line[]): readonly [incident: string, Figures][] {
  const found: [string, Figures][] = [];
  let begun: number | undefined;
  for (const line of lines) {
    if (line.type === 'experiment.started') begun = undefined;
    if (line.type === 'fault.injected' && begun === undefined) begun = line.at;
    if (line.type !== 'incident.transition') continue;
    const { change, incident } = line.data;
    if (change.kind !== 'declared' && change.kind !== 'reopened') continue;
    const end = lines.find(
      ({ type, seq, data }) =>
        type === 'incident.transition' &&
        seq > line.seq &&
        data.incident === incident &&
        data.change.kind === 'recovered',
    );
    const until = end === undefined ? (lines.at(-1)?.at ?? 0) : end.data.effectiveAt;
    found.push([incident, add(lines, begun ?? change.by?.since ?? 0, until)]);
  }
  return found;
}

function add(lines: readonly Line[], start: number, end: number): Figures {
  const restarts = lines.filter(({ type }) => type === 'toggle.applied');
  const figures: Figures = { total: 0, bad: 0, endpoints: new Map(), alone: 0 };
  const told = new Set<string>();
  for (const { type, data } of lines) {
    if (type !== 'samples' || data.signal !== 'rest.errors' || data.labels.endpoint === undefined) continue;
    if (data.from < start || data.to > end) continue;
    if (data.source === 'probe') told.add(`${data.labels.endpoint} ${data.from}`);
    if (restarts.some(({ at, data: { durationMs } }) => data.from < at && at - durationMs < data.to))
      continue;
    const key = `${data.labels.endpoint} (${data.source})`;
    const before = figures.endpoints.get(key) ?? { total: 0, bad: 0 };
    figures.endpoints.set(key, { total: before.total + data.data.total, bad: before.bad + data.data.bad });
    figures.total += data.data.total;
    figures.bad += data.data.bad;
  }
  for (const { type, at, data } of lines) {
    if (type !== 'check.finished' || data.outcome !== 'failed' || at < start || at > end) continue;
    if (data.endpoint === undefined || data.dependency !== undefined) continue;
    const unanswered = data.noAnswer ?? data.timedOut ?? data.noConnection;
    const refused = (data.status ?? 0) >= 400 && data.violations.some((each) => each.path === 'status');
    // Batches of a probe are five seconds long at most, and begin at whole seconds.
    const windows = Array.from({ length: 6 }, (_, back) => Math.floor(at / 1_000 - back) * 1_000);
    if (unanswered === undefined && !refused) continue;
    if (!windows.some((from) => told.has(`${data.endpoint} ${from}`))) figures.alone += 1;
  }
  return figures;
}

const samples = filesBelow('reports/sample', 'events.ndjson');

test('there is a sample with incidents', () => {
  const kinds = samples.flatMap((path) => read(path).match(/"kind":"declared"/g) ?? []);
  expect(kinds.length).toBeGreaterThan(0);
});

describe.each(samples)('%s', (path) => {
  const text = readFileSync(path, 'utf8');
  const lines = text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Line);
  const postmortem = renderAll(parseEvents(text, path).events).get('postmortem.md') ?? '';
  const sections = postmortem.split(/^## /m).filter((section) => section.includes('### Impact'));
  const byIncident = Map.groupBy(figuresOf(lines), ([incident]) => incident);
  const figures = [...byIncident.values()].flat();

  test('every incident has its section', () => {
    expect(sections.map((section) => /INC-[\w-]+/.exec(section)?.[0])).toEqual(figures.map(([id]) => id));
  });

  test.each(figures.map(([id, own], index) => [id, own, index] as const))(
    'row 28: the impact of %s is what its raw events add up to',
    (_, { total, bad, endpoints, alone }, index) => {
      const impact = sections[index]?.split('### Impact')[1]?.split('\n### ')[0] ?? '';
      expect(impact).toContain(`Failed requests: ${bad} of the ${total} that we sent`);
      const besides = /Besides, at least (\d+) \(/.exec(impact)?.[1];
      expect(Number(besides ?? 0)).toBe(alone);
      const hit = [...endpoints]
        .filter(([, counts]) => counts.bad > 0)
        .map(([key, counts]) => `${key}: ${counts.bad} of ${counts.total} failed`);
      const told = impact.match(/^- .* \((?:load|probe)\): \d+ of \d+ failed/gm) ?? [];
      expect(told.map((line) => line.slice(2)).toSorted()).toEqual(hit.toSorted());
    },
  );
});
