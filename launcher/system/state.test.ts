import { existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Sandbox } from '../../test/support/sandbox.ts';
import { packageRoot } from '../../src/tools/context.ts';
import { programsIn } from './places.ts';
import { canTraverse } from './run-as.ts';
import { through } from './specs.ts';
import { readState, writeState } from './state.ts';
import type { ReferenceState } from './state.ts';
import { togglesIn } from './toggles.ts';

const none = { source: 'path', version: '1', location: '/x' } as const;
const state: ReferenceState = {
  schema: 1,
  phase: 'running',
  id: 'abc',
  startedFor: 'person',
  startedAt: 0,
  speed: 1,
  api: 'http://127.0.0.1:1',
  toxiproxy: 'http://127.0.0.1:2',
  adminToken: 'secret',
  adminTokenFrom: 'generated',
  proxies: {},
  toggles: {},
  tools: { postgres: none, redis: none, toxiproxy: none },
  parts: {},
};

describe('the state', () => {
  it('comes back as it was and is readable by its owner only', () => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'deep', 'state.json');
    writeState(file, state);
    writeState(file, state);
    expect(readState(file)).toEqual(state);
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each([
    ['cut off', '{"schema":1,'],
    ['of another version', '{"schema":2}'],
  ])('%s counts as none', (_, text) => {
    using sandbox = new Sandbox();
    const file = join(sandbox.folder, 'state.json');
    writeFileSync(file, text);
    expect(readState(file)).toBeUndefined();
  });
});

it('the programs of the reference system are found in the checkout', () => {
  expect(Object.values(programsIn(packageRoot)).filter((file) => !existsSync(file))).toEqual([]);
});

it('toggles are taken from the environment by their names, and nothing else is', () => {
  const env = { FALLBACK_PROVIDER: 'cache', SCREENER_TTL_SECONDS: '90', RATE_LIMIT_POLICY: '', HOME: '/x' };
  expect(togglesIn(env)).toEqual({ FALLBACK_PROVIDER: 'cache', SCREENER_TTL_SECONDS: '90' });
});

it.each([
  ['postgres://ana:pw@db.example:5432/x?sslmode=disable', 'postgres://ana:pw@127.0.0.1:7/x?sslmode=disable'],
  ['redis://127.0.0.1:6379', 'redis://127.0.0.1:7'],
  ['http://127.0.0.1:80', 'http://127.0.0.1:7'],
])('%s through a proxy is %s', (url, proxied) => {
  expect(through(url, { listen: '127.0.0.1:7', upstream: 'x:1' })).toBe(proxied);
});

it('a folder below one that only its owner may enter cannot be reached by others', () => {
  using sandbox = new Sandbox();
  const stranger = { uid: 65_533, gid: 65_533 };
  // mkdtemp makes folders that only their owner may enter.
  expect(canTraverse(sandbox.bin, stranger)).toBe(false);
  expect(canTraverse('/usr/bin', stranger)).toBe(true);
});
