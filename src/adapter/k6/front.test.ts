import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { frontModule } from './front.ts';

interface Page {
  readonly status: number;
  readonly location?: string;
}

interface Http {
  get(url: string, params?: object): { readonly status: number };
}

/** What the front tells of one `http.get`, k6 itself replaced by the pages of a site. */
function told(site: Readonly<Record<string, Page>>, params: object = {}) {
  const tags: Record<string, string>[] = [];
  const http = {
    request(_method: string, url: string) {
      const { status = 404, location } = site[new URL(url).pathname] ?? {};
      const headers = location === undefined ? {} : { Location: location };
      return { status, headers, url, timings: { duration: 1 } };
    },
  };
  class Metric {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    add(_value: number, own: Record<string, string> = {}): void {
      if (this.name === 'siaga_redirected') tags.push(own);
    }
  }
  const code = frontModule.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '');
  const given = { exec: { test: { options: {} } }, http, Counter: Metric, Trend: Metric };
  runInNewContext(code, { ...given, __ENV: { SIAGA_TARGET_URL: 'http://t' } });
  (http as unknown as Http).get('http://t/a', params);
  return tags.map(({ status, siaga_to: to, siaga_endless: endless }) => ({ status, to, endless }));
}

const loop = { '/a': { status: 302, location: '/a' } };

test.each([
  ['a loop', loop, {}, [{ status: '302', to: undefined, endless: '1' }]],
  ['a redirect that the script asked to see', loop, { redirects: 0 }, [{ status: '302' }]],
  [
    'a redirect to a page',
    { '/a': { status: 302, location: '/b' }, '/b': { status: 200 } },
    {},
    [{ status: '200' }],
  ],
  [
    'another origin',
    { '/a': { status: 302, location: 'http://o/' } },
    {},
    [{ status: '302', to: 'http://o' }],
  ],
  [
    'another origin after the last redirect allowed',
    { '/a': { status: 302, location: '/b' }, '/b': { status: 302, location: 'http://o/' } },
    { redirects: 1 },
    [{ status: '302' }],
  ],
  ['a redirect that leads nowhere', { '/a': { status: 302 } }, { redirects: 1 }, [{ status: '302' }]],
  ['a page that has not changed', { '/a': { status: 304, location: '/a' } }, {}, []],
] as const)('%s', (_, site, params, expected) => {
  expect(told(site, params)).toEqual(expected);
});

/** What the front says that requests waited, in ms, where calls take so long and their answers say so much. */
function waitedFor(call: (http: Record<string, (...args: unknown[]) => unknown>) => void, tookMs: number) {
  const waits: number[] = [];
  let now = 0;
  const answer = {
    status: 200,
    headers: {},
    url: 'http://t/a',
    timings: { duration: 30, blocked: 12, connecting: 10 },
  };
  const http = {
    request: () => ((now += tookMs), answer),
    batch: (sent: object) => ((now += tookMs), Object.values(sent).map(() => answer)),
  };
  class Metric {
    readonly name: string;
    constructor(name: string) {
      this.name = name;
    }
    add(value: number): void {
      if (this.name === 'siaga_waited') waits.push(value);
    }
  }
  const code = frontModule.replaceAll(/^import .*$/gm, '').replaceAll(/^export /gm, '');
  const given = { exec: { test: { options: {} } }, http, Counter: Metric, Trend: Metric };
  runInNewContext(code, { ...given, Date: { now: () => now }, __ENV: { SIAGA_TARGET_URL: 'http://t' } });
  call(http as never);
  return waits;
}

const pages = (n: number): readonly string[] => Array.from({ length: n }, () => 'http://t/a');

test.each([
  ['a request', 'get', 'http://t/a', 542, [500]],
  ['a request that went out at once', 'get', 'http://t/a', 44, []],
  ['a batch', 'batch', pages(4), 192, [150]],
  ['a batch of more than go out at once', 'batch', pages(12), 184, [100]],
  ['a batch whose others waited for the first', 'batch', pages(12), 84, []],
] as const)('hunt 1: how long %s waited for its turn', (_, call, asked, tookMs, waited) => {
  expect(waitedFor((http) => http[call]?.(asked), tookMs)).toEqual(waited);
});
