import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { SaxesParser } from 'saxes';
import { describe, expect, test, vi } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { renderAll } from './conclude.ts';
import { parseEvents } from '../report/parse.ts';
import { gameDay } from '../report/testing/game-day.ts';
import type { Shape } from '../report/testing/shape.ts';

const run = promisify(execFile);
const digest = fileURLToPath(new URL('../report/testing/digest.ts', import.meta.url));

// Processes of their own start as slowly as the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const digestIn = async (env: Readonly<Record<string, string>>): Promise<string> =>
  (await run(process.execPath, [digest], { env: { PATH: process.env['PATH'], ...env } })).stdout;
const here = digestIn({});

const shapes: readonly [string, Shape][] = [
  ['a game day that passed', {}],
  ['a game day that failed', { broken: 'source: coinapi', undelivered: ['webhook'] }],
  ['a run that was killed', { killed: true }],
  ['a run at full speed', { speed: 1, short: true }],
];

describe('the same events give the same bytes', () => {
  test.each([
    ['UTC', 'C'],
    ['Asia/Jakarta', 'id_ID.UTF-8'],
    ['America/St_Johns', 'tr_TR.UTF-8'],
    ['Pacific/Apia', 'ar_EG.UTF-8'],
  ])('in the zone %s with the locale %s', async (TZ, LC_ALL) => {
    const there = await digestIn({ TZ, LC_ALL, LANG: LC_ALL });
    expect(there).toBe(await here);
    expect(there).toMatch(/^[0-9a-f]{64}$/);
  });

  test('after a round trip through events.ndjson', () => {
    const events = gameDay();
    const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
    expect([...renderAll(parseEvents(text, 'events.ndjson').events)]).toEqual([...renderAll(events)]);
  });
});

describe.each(shapes)('%s', (_, shape) => {
  const events = gameDay(shape);
  const files = renderAll(events);

  test('cites only events that exist', () => {
    const known = new Set(events.map(({ seq }) => seq));
    for (const name of ['report.md', 'postmortem.md']) {
      const cited = citesOf(files.get(name) ?? '');
      expect(cited.length).toBeGreaterThan(name === 'report.md' ? 30 : 0);
      expect(cited.filter((seq) => !known.has(seq))).toEqual([]);
    }
  });

  test('refers to every plot it has, and every plot is well-formed XML', () => {
    const plots = [...files].filter(([path]) => path.endsWith('.svg'));
    expect(plots.length).toBeGreaterThan(5);
    for (const [path, svg] of plots) {
      expect(files.get('report.md')).toContain(`](${path})`);
      expect(faultsOf(svg)).toEqual([]);
    }
  });

  test('has a page that fetches and runs nothing', () => {
    const html = files.get('report.html') ?? '';
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'`);
    expect(html).not.toMatch(/<script|<link|<iframe|<img|javascript:|\son\w+=|url\(|@import/i);
    expect(html.match(/(?:src|href)="(?!#)[^"]*"/g)).toBeNull();
  });

  test('says the same in the page as in the Markdown', () => {
    const markdown = headings(files.get('report.md') ?? '', /^## (.*)$/gm);
    expect(headings(files.get('report.html') ?? '', /<h2[^>]*>(.*)<\/h2>/g)).toEqual(markdown);
  });
});

test('figures of compressed windows say so beside them, and none does at full length', () => {
  const fast = renderAll(gameDay({ speed: 30 }));
  const slow = renderAll(gameDay({ speed: 1, short: true }));
  for (const name of ['report.md', 'postmortem.md']) expect(slow.get(name)).not.toContain('÷');
  const timings = (fast.get('report.md') ?? '')
    .split('\n')
    .filter((line) => /^\| (detect|mitigate|recover) /.test(line));
  expect(timings.length).toBe(6);
  for (const line of timings) expect(line).toContain('<sub>÷30</sub>');
  expect(fast.get('report.md')).toContain('cannot close an action item');
  expect(fast.get('postmortem.md')).toContain('cannot close an action item');
  expect(slow.get('report.md')).not.toContain('cannot close an action item');
});

test('the summary keeps its keys in order and calls unknown null', () => {
  const summary = JSON.parse(renderAll(gameDay({ killed: true })).get('summary.json') ?? '');
  expect(Object.keys(summary).slice(0, 9)).toEqual([
    'schema',
    'run',
    'command',
    'subject',
    'target',
    'verdict',
    'exitCode',
    'reason',
    'first',
  ]);
  expect(summary).toMatchObject({ verdict: 'unfinished', exitCode: null, speed: 30, canCloseActions: false });
  expect(summary.experiments[0]).toMatchObject({ verdict: 'unfinished', timings: { detect: null } });
});

test('events that start no run are refused', () => {
  const orphan: readonly SiagaEvent[] = gameDay().slice(1, 4);
  expect(() => renderAll(orphan)).toThrow(expect.objectContaining({ code: 'not-a-run', exitCode: 2 }));
});

const headings = (text: string, pattern: RegExp) => [...text.matchAll(pattern)].map(([, title]) => title);

function citesOf(markdown: string): readonly number[] {
  const brackets = [...markdown.matchAll(/\[(#\d[^\]]*)\]/g)].map(([, inner]) => inner ?? '');
  return brackets.flatMap((inner) => [...inner.matchAll(/#(\d+)/g)].map(([, seq]) => Number(seq)));
}

function faultsOf(xml: string): readonly string[] {
  const faults: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on('error', (error) => faults.push(error.message));
  parser.write(xml).close();
  return faults;
}
