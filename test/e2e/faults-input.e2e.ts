import { chmodSync, cpSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSigned } from '../support/rig/certificate.ts';
import { copyCheckout } from '../support/rig/checkout.ts';
import { startInterceptor } from '../support/rig/interceptor.ts';
import type { Answer, Interceptor } from '../support/rig/interceptor.ts';
import { checksIn, envelopeOf, errorIn, startSiaga } from '../support/rig/siaga.ts';
import type { Launch } from '../support/rig/siaga.ts';
import { processesNaming } from '../support/rig/rig.ts';
import { root } from '../support/sources.ts';
import { smallDisk } from '../support/rig/small-disk.ts';

const checkout = copyCheckout({ reference: true });
const { dir } = checkout;
afterAll(() => checkout[Symbol.dispose]());

async function siaga(line: string, launch: Partial<Launch> = {}) {
  const ended = await startSiaga([...line.split(' '), '--json'], { dir, from: dir, ...launch }).ended;
  return { envelope: envelopeOf(ended), stderr: ended.stderr };
}

/** Neither a reference system nor anything else was started. */
function expectNothingStarted(): void {
  expect(existsSync(join(dir, '.siaga', 'reference'))).toBe(false);
  expect(processesNaming(dir)).toEqual([]);
}

describe('a name that is none is told with the nearest one, before anything is started', () => {
  it.each([
    ['check pairs-suported', 'unknown-check', 'checks/', 'pairs-suported', 'pairs-supported'],
    ['check --tag cor', 'unknown-tag', '--tag', 'cor', 'core'],
    ['check --target referense', 'unknown-target', '--target', 'referense', 'reference'],
    ['load smok', 'unknown-scenario', 'scenarios/', 'smok', 'smoke'],
    ['load smoke --target referense', 'unknown-target', '--target', 'referense', 'reference'],
    ['chaos run provider-dwn', 'unknown-experiment', 'chaos/', 'provider-dwn', 'provider-down'],
    ['gameday database-slo', 'unknown-experiment', 'chaos/', 'database-slo', 'database-slow'],
    ['chaos run --target referense', 'unknown-target', '--target', 'referense', 'reference'],
  ])('siaga %s', async (line, code, where, got, nearest) => {
    const { envelope, stderr } = await siaga(line);
    expect(envelope).toMatchObject({ exitCode: 2, verdict: 'error', run: null });
    expect(errorIn(envelope)).toMatchObject({ code, where, got, hint: `did you mean ${nearest}?` });
    expect(errorIn(envelope).allowed).toContain(nearest);
    expect(stderr).toContain(`did you mean ${nearest}?`);
    expectNothingStarted();
  });

  it.each([
    ['chek', "unknown command 'chek'", 'check'],
    ['check --sped 3', "unknown option '--sped'", '--speed'],
  ])('siaga %s', async (line, what, nearest) => {
    const { envelope } = await siaga(line);
    expect(envelope.exitCode).toBe(2);
    expect(errorIn(envelope).what).toBe(`${what}\n(Did you mean ${nearest}?)`);
  });
});

describe('nothing selected is never passed', () => {
  it('by names and tags that exclude each other', async () => {
    const { envelope } = await siaga('check pairs-supported --tag provider');
    expect(envelope.exitCode).toBe(2);
    expect(errorIn(envelope)).toMatchObject({
      code: 'nothing-selected',
      where: 'checks/',
      got: 'pairs-supported, tag provider',
      allowed: 'names whose checks bear the tags',
    });
    expectNothingStarted();
  });

  it('by a target that has no experiments', async () => {
    using _other = checkout.patch(
      'siaga.config.ts',
      'targets: [reference, composed],',
      "targets: [reference, { name: 'other', url: 'http://127.0.0.1:1', proxies: {} }],",
    );
    const { envelope } = await siaga('chaos run --target other');
    expect(envelope.exitCode).toBe(2);
    expect(errorIn(envelope)).toMatchObject({ code: 'nothing-selected', got: 'none for target other' });
    expectNothingStarted();
  });
});

describe('what may not be broken is refused before anything is asked or started', () => {
  const away = { SIAGA_TARGET_URL: 'http://10.0.0.1' };
  it.each([
    ['chaos run provider-down', "chaos: 'forbidden'", {}, 'chaos-forbidden'],
    ['gate --experiment provider-down', "chaos: 'forbidden'", {}, 'chaos-forbidden'],
    ['chaos run provider-down', "chaos: 'allowed'", away, 'chaos-forbidden'],
    ['gate --experiment provider-down', "chaos: 'allowed'", away, 'chaos-forbidden'],
    ['gameday', 'production: true', {}, 'invalid-definitions'],
  ])('siaga %s, %s', async (line, says, env, code) => {
    using _target = checkout.patch('siaga.config.ts', "chaos: 'allowed'", says);
    const { envelope } = await siaga(line, { env });
    expect(envelope).toMatchObject({ exitCode: 2, verdict: 'error', run: null });
    expect(errorIn(envelope).code).toBe(code);
    expectNothingStarted();
  });
});

describe('files of checks that are wrong', () => {
  const wrong = {
    'checks/broken.ts': 'export const broken = defineCheck({',
    'checks/empty.ts': 'const hidden = 1;',
    'checks/copy.ts':
      "import { live } from './health.ts';\nexport const again = { ...live, name: 'pairs-supported' };",
  };
  const problems = [
    ['checks/broken.ts:1', 'this file cannot be loaded: '],
    ['checks/empty.ts', 'this file exports no check'],
    ['checks/', 'this name is taken by another check'],
  ] as const;
  beforeAll(() => Object.entries(wrong).forEach(([path, text]) => checkout.write(path, text)));
  afterAll(() => Object.keys(wrong).forEach((path) => checkout.remove(path)));

  it.each(['check', 'load smoke', 'chaos run provider-down'])(
    'are listed all at once by siaga %s',
    async (line) => {
      const { envelope, stderr } = await siaga(line);
      expect(envelope.exitCode).toBe(2);
      const { code, what } = errorIn(envelope);
      expect(code).toBe('invalid-definitions');
      for (const text of [what, stderr]) for (const part of problems.flat()) expect(text).toContain(part);
      expectNothingStarted();
    },
  );

  it('are one result each by siaga validate', async () => {
    const { envelope } = await siaga('validate');
    expect(envelope.exitCode).toBe(2);
    const told = envelope.results.flatMap((result) => (result.kind === 'error' ? [result] : []));
    for (const [where, what] of problems) {
      expect(told).toContainEqual(
        expect.objectContaining({
          where: expect.stringContaining(where),
          what: expect.stringContaining(what),
        }),
      );
    }
  });
});

const answer = (body: string | Buffer, type = 'application/json'): Answer => ({
  status: 200,
  headers: { 'content-type': type },
  body: Buffer.from(body),
});

describe('a body that is', () => {
  let target: Interceptor;
  beforeAll(async () => void (target = await startInterceptor({ upstream: 'http://127.0.0.1:1' })));
  afterAll(() => target[Symbol.asyncDispose]());

  const rows: readonly (readonly [string, Answer, object])[] = [
    [
      'HTML',
      answer('<html>Welcome</html>'),
      { path: 'body', rule: 'the body is JSON, not HTML', got: 'HTML', allowed: 'JSON' },
    ],
    [
      'truncated',
      { ...answer(`{"price":${' '.repeat(100)}1}`), cutAfter: 9 },
      {
        path: 'body',
        rule: 'the body arrives whole',
        got: expect.stringContaining('after 9 bytes of it'),
        allowed: 'a whole answer within 2 s',
      },
    ],
    [
      'truncated by a server that does not know it',
      answer('{"price":'),
      {
        path: 'body',
        rule: 'the body is whole JSON',
        got: expect.stringContaining('breaks off after 9 characters'),
        allowed: 'JSON',
      },
    ],
    [
      '50 MB long',
      answer(Buffer.alloc(50 * 1_048_576, ' ')),
      { path: 'body', rule: 'the body is not too large', got: 'more than 1 MiB', allowed: 'at most 1 MiB' },
    ],
    [
      'not UTF-8',
      answer(Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d])),
      { path: 'body', rule: 'the body is UTF-8', got: 'bytes 7b 22 ff fe 22 7d', allowed: 'UTF-8 text' },
    ],
  ];

  it.each(rows)('%s fails the check', async (_, instead, violation) => {
    using _lie = target.use({ instead: () => instead });
    const { envelope } = await siaga('check sol-complete --no-stay', {
      env: { SIAGA_TARGET_URL: target.url },
    });
    expect(envelope).toMatchObject({ exitCode: 1, verdict: 'failed' });
    expect(checksIn(envelope)).toMatchObject([
      { name: 'sol-complete', outcome: 'failed', violations: [violation] },
    ]);
  });
});

describe('a target', () => {
  it('whose certificate nobody vouches for fails the check', async () => {
    await using target = await startInterceptor({ upstream: 'http://127.0.0.1:1', tls: selfSigned() });
    using _lie = target.use({ instead: () => answer('{"status":"live"}') });
    const { envelope } = await siaga('check health-live --no-stay', {
      env: { SIAGA_TARGET_URL: target.url },
    });
    expect(envelope).toMatchObject({ exitCode: 1, verdict: 'failed' });
    expect(checksIn(envelope)[0]?.violations).toEqual([
      {
        path: 'tls',
        rule: 'the certificate is trusted',
        got: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT'),
        allowed: "a certificate of a known authority, or of the one in the target's `ca`",
      },
    ]);
  });

  it('that nobody listens for fails the check', async () => {
    const { envelope } = await siaga('check health-live --no-stay', {
      env: { SIAGA_TARGET_URL: 'http://127.0.0.1:1' },
    });
    expect(envelope).toMatchObject({ exitCode: 1, verdict: 'failed' });
    expect(envelope.reason).toContain('ECONNREFUSED');
  });
});

describe('a place that takes no file', () => {
  let target: Interceptor;
  let env: Readonly<Record<string, string>>;
  beforeAll(async () => {
    target = await startInterceptor({ upstream: 'http://127.0.0.1:1' });
    target.use({ instead: () => answer('{"status":"live","fallback":false}') });
    env = { SIAGA_TARGET_URL: target.url };
  });
  afterAll(() => target[Symbol.asyncDispose]());

  // It has neither metrics nor toggles, which a round of another project would ask for too.
  const minimal = join(dir, 'minimal');
  beforeAll(() => cpSync(join(root, 'test/projects/minimal'), minimal, { recursive: true }));

  it('a file where the folder of reports should be', async () => {
    checkout.write('taken', '');
    const { envelope } = await siaga('check health-live --no-stay --output taken', { env });
    expect(envelope).toMatchObject({ exitCode: 3, verdict: 'inconclusive' });
    expect(errorIn(envelope)).toMatchObject({
      code: 'run-folder-unwritable',
      where: expect.stringContaining(join(dir, 'taken')),
      got: expect.stringContaining('ENOTDIR'),
      hint: expect.stringContaining('--output'),
    });
  });

  it('a full disk under the reports', async () => {
    const full = join(dir, 'full');
    mkdirSync(full);
    const { envelope } = await siaga('check health-live --no-stay --output full', {
      env,
      under: smallDisk(full),
    });
    expect(envelope).toMatchObject({ exitCode: 3, verdict: 'inconclusive' });
    expect(errorIn(envelope)).toMatchObject({
      where: expect.stringContaining(dir),
      hint: expect.any(String),
    });
  });

  it.each([
    [
      'a full disk behind stdout',
      'exec "$@" >/dev/full',
      3,
      'the result cannot be written to stdout: ENOSPC',
    ],
    ['a reader of stderr that goes away', 'set -o pipefail; "$@" 2>&1 >/dev/null | true', 0, ''],
    ['a reader of both that goes away', 'set -o pipefail; "$@" 2>&1 | true', 0, ''],
  ])('%s', async (_what, script, code, says) => {
    const under = ['bash', '-c', script, 'bash'];
    const line = ['check', 'hello', '--no-stay', '-C', minimal];
    const ended = await startSiaga(line, { dir, from: dir, env, under }).ended;
    expect(ended.code).toBe(code);
    expect(ended.stderr).toContain(says);
  });

  it('and the same check passes where there is room', async () => {
    const { envelope } = await siaga(`check hello --no-stay -C ${minimal}`, { env });
    expect(envelope).toMatchObject({ exitCode: 0, verdict: 'passed' });
    const report = envelope.reports.find((path) => path.endsWith('report.md')) ?? '';
    expect(readFileSync(join(dir, report), 'utf8')).toContain('passed');
  });
});

describe('tools and ports', () => {
  it.each(['load smoke', 'chaos run provider-down'])(
    'a SIAGA_K6 that only says its version is no k6 (siaga %s)',
    async (line) => {
      checkout.write('k6', '#!/bin/sh\necho "k6 v1.8.1 (commit/abc, go1.26, linux/amd64)"\n');
      const k6 = join(dir, 'k6');
      chmodSync(k6, 0o755);
      const { envelope } = await siaga(line, { env: { SIAGA_K6: k6 } });
      expect(envelope.exitCode).toBe(3);
      expect(errorIn(envelope)).toMatchObject({
        where: 'SIAGA_K6',
        got: expect.stringContaining(k6),
        hint: expect.any(String),
      });
      expectNothingStarted();
    },
  );

  it('a port that is taken starts nothing', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const args = ['reference', 'up', '--port', String(port), '-C', dir];
    const { code, stderr } = await startSiaga(args, { dir, from: dir }).ended;
    server.close();
    expect(code).toBe(3);
    for (const part of [`port ${port} cannot be used`, `127.0.0.1:${port}`, 'EADDRINUSE', 'hint: ']) {
      expect(stderr).toContain(part);
    }
    expect(processesNaming(dir)).toEqual([]);
  });
});
