import { expect, test } from 'vitest';
import { Collector } from './collector.ts';
import { selectorOf } from './threshold.ts';

const origin = Date.parse('2026-01-02T03:04:05Z');

interface Facts {
  readonly value?: number;
  readonly tags?: Readonly<Record<string, string>>;
  readonly vu?: string;
}

function line(metric: string, at: number, { value = 1, tags = {}, vu }: Facts = {}): string {
  const time = new Date(origin + at).toISOString();
  const data = { time, value, tags, ...(vu !== undefined && { metadata: { vu } }) };
  return JSON.stringify({ metric, type: 'Point', data });
}

function collect(lines: readonly string[], covered: readonly string[] = []) {
  const collector = new Collector({
    bucketMs: 60_000,
    timeoutMs: 2_000,
    selectors: [],
    covered: covered.map(selectorOf),
  });
  for (const text of lines) collector.point(text);
  return collector;
}

const answer = (at: number, tags: Readonly<Record<string, string>> = {}, value = 5) =>
  line('http_req_duration', at, {
    value,
    tags: { status: '200', method: 'GET', name: 'http://t/a', ...tags },
  });

test('suspicious: a request that was redirected counts once, by its last answer, with the time of all', () => {
  const tags = { method: 'GET', name: 'http://t/a' };
  const { endpoints, requests, total } = collect([
    answer(5, { status: '302' }),
    answer(10, { status: '500', name: 'http://t/err', siaga_hop: '1' }),
    line('siaga_redirected', 10, { value: 10, tags: { ...tags, status: '500' } }),
    answer(20, { status: '302' }),
    answer(25, { name: 'http://t/ok', siaga_hop: '1' }),
    line('siaga_redirected', 25, { value: 10, tags: { ...tags, status: '200' } }),
  ]).measured(origin + 1_000);
  expect(requests).toBe(2);
  expect(total).toMatchObject({ n: 2, errors: 1, serverErrors: 1 });
  expect(endpoints.map(({ endpoint, n }) => [endpoint, n])).toEqual([['GET /a', 2]]);
  expect(total.latency.percentile(50)).toBe(10);
});

test('suspicious: samples count a redirected request once, too', () => {
  const batches = collect([
    answer(5, { status: '302' }),
    answer(10, { status: '500', siaga_hop: '1' }),
    line('siaga_redirected', 10, { tags: { status: '500', name: 'http://t/a' } }),
  ]).take(Number.POSITIVE_INFINITY);
  const errors = batches.find(({ signal }) => signal.endsWith('errors'));
  expect(errors?.data).toMatchObject({ total: 1, bad: 1 });
});

test('hostile 5: answers of another origin are kept apart, and give no samples', () => {
  const collector = collect([answer(5), answer(10, { siaga_origin: 'https://o.test', status: '500' })]);
  const { total, elsewhere, requests } = collector.measured(origin + 1_000);
  expect([requests, total.n, total.errors]).toEqual([1, 1, 0]);
  expect(elsewhere).toMatchObject([{ endpoint: 'https://o.test GET /a', n: 1, errors: 1 }]);
  const counted = collector.take(Number.POSITIVE_INFINITY).filter(({ data }) => data.kind === 'ratio');
  expect(counted.every(({ data }) => data.kind === 'ratio' && data.total === 1 && data.bad === 0)).toBe(true);
});

const check = (name: string, value: number) => line('checks', 1, { value, tags: { check: name } });

test('row 7: a check is covered by a threshold on that very check, and by no other', () => {
  const { checks } = collect(
    [check('login', 0), check('purchase', 0), check('purchase', 1)],
    ['checks{check:login}'],
  ).measured(origin);
  expect([...checks]).toEqual([['purchase', { failed: 1, n: 2 }]]);
  expect(collect([check('login', 0)], ['checks']).measured(origin).checks.size).toBe(0);
});

test('names with newlines are one line', () => {
  const { checks, endpoints } = collect([
    line('checks', 1, { value: 0, tags: { check: 'a\nb\u001B[31m' } }),
    answer(1, { endpoint: 'GET /a\n::error::b' }),
  ]).measured(origin);
  expect([...checks.keys()]).toEqual(['a b [31m']);
  expect(endpoints.map(({ endpoint }) => endpoint)).toEqual(['GET /a ::error::b']);
});

const tick = (at: number, value = 1) => line('vus', at, { value });
const stoodIn = (lines: readonly string[]) =>
  collect(lines)
    .measured(origin + 60_000)
    .stood.map(({ from, to }) => [from - origin, to - origin]);

test.each([
  ['a second between two words of k6 is its pace', [tick(0), tick(1_000), tick(2_010)], []],
  ['ramping to zero is no standstill', [tick(0, 10), tick(1_000, 0), tick(2_000, 0), tick(3_000, 0)], []],
  ['three seconds are', [tick(0), tick(1_000), answer(1_400), tick(4_400), tick(5_000)], [[1_400, 4_400]]],
  [
    'two of them',
    [tick(0), tick(3_000), tick(4_000), tick(14_000)],
    [
      [0, 3_000],
      [4_000, 14_000],
    ],
  ],
] as const)('row 13: %s', (_, lines, stood) => {
  expect(stoodIn(lines)).toEqual(stood);
});

test('row 13: what waited for a generator that stood still is not counted', () => {
  const lines = [tick(0), answer(900), answer(4_000, {}, 3_050), answer(4_100)];
  expect(collect(lines).measured(origin).total.n).toBe(2);
});

test('row 13: what was asked after k6 went on is counted, and so is what was answered before it was held', () => {
  const collector = collect([tick(0), tick(1_000), answer(1_000)]);
  collector.held(origin + 1_250);
  collector.held(origin + 1_500);
  // Written to its output only when it went on.
  for (const text of [
    answer(1_100, {}, 40),
    begin(1_600, '1'),
    answer(1_620, {}, 20),
    answer(1_621, {}, 600),
  ])
    collector.point(text);
  expect(collector.measured(origin).total.n).toBe(3);
  const silent = collect([tick(0), begin(3_000, '1'), answer(3_020, {}, 20), answer(3_020, {}, 20.6)]);
  expect(silent.measured(origin).total.n).toBe(2);
});

test('row 13: a process that is held stands still, however short', () => {
  const collector = collect([tick(0), answer(400)]);
  collector.held(origin + 700);
  collector.held(origin + 950);
  expect(collector.measured(origin).stood).toEqual([{ from: origin + 400, to: origin + 950 }]);
});

test('hostile 1: silence until the end is a standstill', () => {
  const collector = collect([tick(0), tick(1_000)]);
  collector.until(origin + 9_000);
  expect(collector.measured(origin).stood).toEqual([{ from: origin + 1_000, to: origin + 9_000 }]);
});

const begin = (at: number, vu: string) => line('siaga_begun', at, { tags: { scenario: 'a' }, vu });
const end = (at: number, vu: string, value: number) =>
  line('iteration_duration', at, { value, tags: { scenario: 'a' }, vu });

test('row 6: users that never finish are told from those that are cut short', () => {
  const lines = [
    begin(0, '1'),
    begin(0, '2'),
    begin(10, '3'),
    end(50, '1', 50),
    begin(50, '1'),
    end(90, '1', 40),
  ];
  const late = [tick(5_000, 2), begin(4_900, '1')];
  expect(collect([...lines, ...late]).measured(origin + 60_000).users).toEqual([
    {
      scenario: 'a',
      users: 3,
      never: 2,
      begun: 5,
      unfinished: 3,
      hanging: 2,
      hangingNever: 2,
      busyMs: 13_180,
    },
  ]);
});

test('row 6: an iteration is no hang before every finished one of its scenario lasted shorter', () => {
  const lines = [begin(0, '1'), end(9_000, '1', 9_000), begin(9_000, '1')];
  expect(collect(lines).measured(origin + 17_000).users[0]).toMatchObject({ unfinished: 1, hanging: 0 });
});

test('a script with more thresholds than names are kept has all of its samples', () => {
  const keys = Array.from({ length: 80 }, (_, n) => `http_req_duration{endpoint:e${n}}`);
  const collector = new Collector({ bucketMs: 60_000, timeoutMs: 2_000, selectors: keys.map(selectorOf) });
  for (let n = 0; n < 80; n++) collector.point(answer(n, { endpoint: `e${n}` }));
  expect([...collector.measured(origin).seen.keys()]).toEqual(keys);
});

const redirected = (tags: Readonly<Record<string, string>>) =>
  line('siaga_redirected', 10, { tags: { method: 'GET', name: 'http://t/a', status: '302', ...tags } });
const errorsOf = (text: string) => collect([text]).measured(origin + 1_000).total.errors;

test('a request that only ever redirects within the target is an error', () => {
  expect(errorsOf(redirected({ siaga_endless: '1' }))).toBe(1);
  expect(errorsOf(redirected({}))).toBe(0);
  expect(errorsOf(redirected({ siaga_to: 'http://o' }))).toBe(0);
});

test('row 13: an answer that waited for k6 leads nowhere else either', () => {
  const away = line('siaga_redirected', 4_000, {
    value: 3_050,
    tags: { method: 'GET', name: 'http://t/a', status: '302', siaga_to: 'http://o' },
  });
  expect(collect([tick(0), tick(900), away]).measured(origin + 5_000).redirects).toEqual([]);
});
