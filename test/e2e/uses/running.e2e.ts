import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { changeJson } from '../../support/rig/interceptor.ts';
import { startReceiver } from '../../support/rig/receiver.ts';
import type { Received, Receiver } from '../../support/rig/receiver.ts';
import { setUpRig } from '../../support/rig/rig.ts';
import type { Rig } from '../../support/rig/rig.ts';
import { checksIn, startSiaga } from '../../support/rig/siaga.ts';

const token = '123456:not-a-real-token';
let rig: Rig;
let outside: Receiver;
let env: Readonly<Record<string, string>>;

beforeAll(async () => {
  [rig, outside] = await Promise.all([setUpRig(), startReceiver()]);
  const chat = "chat: '${TELEGRAM_CHAT_ID}',";
  rig.checkout.patch('siaga.config.ts', chat, `${chat}\n      api: '\${TELEGRAM_API}',`);
  const targets = '  targets: [reference, composed],';
  rig.checkout.patch('siaga.config.ts', targets, `${targets}\n  heartbeat: '\${HEARTBEAT_URL}',`);
  env = {
    TELEGRAM_BOT_TOKEN: token,
    TELEGRAM_CHAT_ID: '42',
    TELEGRAM_API: outside.url,
    SIAGA_WEBHOOK_URL: `${outside.url}/hook`,
    HEARTBEAT_URL: `${outside.url}/beat/`,
  };
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
});

/** Every run of this file, for their reports. */
const runs: string[] = [];
const documentOf = (run: string | null, name: string): string =>
  readFileSync(join(rig.checkout.dir, 'reports', run ?? '', name), 'utf8');

const beats = (received: readonly Received[]): readonly string[] =>
  received.flatMap(({ method, path }) => (path.startsWith('/beat') ? [`${method} ${path}`] : []));

/** What people got: the first line by Telegram, the template and incident by the webhook. */
const messages = (received: readonly Received[]): readonly object[] =>
  received.flatMap(({ path, body }): readonly object[] => {
    if (path.startsWith('/beat')) return [];
    const { chat_id, text, template, incident } = body as Record<string, string>;
    return path === '/hook'
      ? [{ path, template, incident }]
      : [{ path, chat: chat_id, text: text?.split('\n')[0] }];
  });

const byPath = (one: object, other: object): number => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1);

const told = (first: RegExp, template: string, incident: string | undefined) => [
  { path: `/bot${token}/sendMessage`, chat: '42', text: expect.stringMatching(first) },
  { path: '/hook', template, incident },
];

describe('on a system that runs', () => {
  it('siaga check passes once, in one envelope, and the heartbeat is told of start and end', async () => {
    const envelope = await rig.run(['check'], { env });
    expect([envelope.verdict, envelope.exitCode, envelope.reason]).toEqual(['passed', 0, '']);
    expect(envelope.target).toEqual({ name: 'reference', url: rig.interceptor.url });
    expect(envelope.speed).toBe(30);
    const checks = checksIn(envelope);
    expect(checks.length).toBeGreaterThanOrEqual(8);
    expect(checks.filter(({ outcome, observations }) => outcome !== 'passed' || observations !== 1)).toEqual(
      [],
    );
    const received = outside.take();
    expect(beats(received)).toEqual(['GET /beat/start', 'GET /beat/0']);
    expect(messages(received)).toEqual([]);
    await rig.expectClean();
  });

  it('siaga gate passes with checks and the smoke load, without any experiment', async () => {
    const envelope = await rig.run(['gate'], { env });
    runs.push(envelope.run ?? '');
    expect(documentOf(envelope.run, 'gate.md')).toContain('# Gate on reference: PASSED');
    expect([envelope.verdict, envelope.exitCode, envelope.reason]).toEqual(['passed', 0, '']);
    const kinds = new Set(envelope.results.map(({ kind }) => kind));
    expect([...kinds]).toEqual(['check', 'load']);
    const load = envelope.results.find(({ kind }) => kind === 'load');
    expect(load).toMatchObject({ name: 'smoke', outcome: 'passed', dropped: 0, exceptions: 0 });
    expect(load?.kind === 'load' && load.requests).toBeGreaterThanOrEqual(200);
    expect(messages(outside.take())).toEqual([]);
    await rig.expectClean();
  });
});

async function round(...args: readonly string[]) {
  const envelope = await rig.run(['check', ...args], { env });
  runs.push(envelope.run ?? '');
  const received = outside.take();
  return { envelope, beats: beats(received), messages: messages(received).toSorted(byPath) };
}

describe('a round that fails stays, and later rounds go on with its incident', () => {
  let incident: string | undefined;
  const stale = changeJson('/api/sol/complete', (body) => ({
    ...body,
    asOf: Number(body['serverTime']) - 6_000,
  }));

  it('the first declares it and tells people DEGRADED', async () => {
    using _lie = rig.interceptor.use(stale);
    const { envelope, ...sent } = await round();
    expect([envelope.exitCode, envelope.verdict]).toEqual([1, 'failed']);
    expect(envelope.reason).toMatch(
      /^INC-\S+ .* declared: .*; freshness: body\.asOf: data is at most 5s old, got 6000 ms old; \d+ of \d+ answers failed$/,
    );
    const [found, ...others] = envelope.incidents;
    expect(others).toEqual([]);
    expect(found).toMatchObject({
      phase: 'declared',
      signals: expect.arrayContaining(['check:freshness']),
      drill: false,
      recoveredAt: null,
    });
    incident = found?.incident;
    expect(sent.messages).toEqual(told(/^SEV-2 reference: GET \S+ gagal/, 'DEGRADED', incident));
    expect(sent.beats).toEqual(['GET /beat/start', 'GET /beat/1']);
  });

  it('one that does not stay finds it open, and tells nobody again', async () => {
    using _lie = rig.interceptor.use(stale);
    const { envelope, ...sent } = await round('--no-stay');
    expect([envelope.exitCode, envelope.incidents]).toMatchObject([
      1,
      [{ incident, phase: 'declared', signals: expect.arrayContaining(['check:freshness']) }],
    ]);
    expect(documentOf(envelope.run, 'report.md')).toContain(`| ${incident} | ❌ open |`);
    expect(sent).toEqual({ messages: [], beats: ['GET /beat/start', 'GET /beat/1'] });
  });

  it('one on a system that is well again stays until it recovered, and tells people MITIGATED and RECOVERED', async () => {
    const { envelope, ...sent } = await round();
    expect([envelope.exitCode, envelope.verdict, envelope.reason]).toEqual([0, 'passed', '']);
    expect(envelope.incidents).toMatchObject([
      {
        incident,
        phase: 'recovered',
        recoveredAt: expect.any(String),
        signals: expect.arrayContaining(['check:freshness']),
      },
    ]);
    expect(documentOf(envelope.run, 'report.md')).toContain(`| ${incident} | ✅ RECOVERED |`);
    const [mitigated, update] = told(/^\[MEREDA\] SEV-\d reference: /, 'UPDATE', incident);
    const [recovered, end] = told(/^\[PULIH\] SEV-\d reference: normal lagi /, 'RECOVERED', incident);
    expect(sent.messages).toEqual([mitigated, recovered, end, update]);
    expect(sent.beats).toEqual(['GET /beat/start', 'GET /beat/0']);
  });

  it('one after that passes once, with no incident', async () => {
    const { envelope, ...sent } = await round();
    expect([envelope.exitCode, envelope.incidents]).toEqual([0, []]);
    expect(sent).toEqual({ messages: [], beats: ['GET /beat/start', 'GET /beat/0'] });
    await rig.expectClean();
  });

  it('siaga report makes the documents of each again, byte for byte, and judges them the same', async () => {
    const { dir } = rig.checkout;
    expect(runs).toHaveLength(5);
    for (const run of runs) {
      const before = filesOf(join(dir, 'reports', run));
      expect(Object.keys(before)).toEqual(
        expect.arrayContaining(['report.md', 'postmortem.md', 'junit.xml']),
      );
      const ended = await startSiaga(['report', run, '--rejudge', '--json'], { dir }).ended;
      expect(JSON.parse(ended.stdout)).toMatchObject({ exitCode: 0, run, rejudged: { same: true } });
      expect(filesOf(join(dir, 'reports', run))).toEqual(before);
    }
  });
});

function filesOf(folder: string): Readonly<Record<string, string>> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((each) => each.isFile());
  return Object.fromEntries(
    files.map(({ parentPath, name }) => {
      const path = join(parentPath, name);
      return [path.slice(folder.length + 1), readFileSync(path, 'base64')];
    }),
  );
}
