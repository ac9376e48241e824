import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { referenceAdminToken } from '../../launcher/system/reference.ts';
import { copyCheckout } from '../support/rig/checkout.ts';
import type { Checkout } from '../support/rig/checkout.ts';
import { changeJson } from '../support/rig/interceptor.ts';
import type { Rule } from '../support/rig/interceptor.ts';
import { startReceiver } from '../support/rig/receiver.ts';
import type { Receiver } from '../support/rig/receiver.ts';
import { setUpRig } from '../support/rig/rig.ts';
import type { Rig } from '../support/rig/rig.ts';
import { envelopeOf, startSiaga } from '../support/rig/siaga.ts';
import type { RunningSiaga } from '../support/rig/siaga.ts';

let rig: Rig;
/** A project that asks the same system without knowing of its Toxiproxy. */
let bare: Checkout;
let outside: Receiver;

beforeAll(async () => {
  [rig, outside] = await Promise.all([setUpRig(), startReceiver()]);
  bare = copyCheckout();
  const { proxies, admin } = await rig.status();
  const config = 'siaga.config.ts';
  for (const name of ['coinapi', 'okx'] as const) {
    const direct = `direct: '${proxies[name]?.upstream}'`;
    bare.patch(config, `${name}: { probe:`, `${name}: { ${direct}, probe:`);
  }
  const ready = "  ready: '/health/ready',\n});\n\nconst { coinapi";
  const toggles = `toggles: { read: { url: '${admin}', bearer: '\${REFERENCE_ADMIN_TOKEN}' } },`;
  bare.patch(config, ready, `  ${toggles}\n${ready}`);
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await outside[Symbol.asyncDispose]();
  bare[Symbol.dispose]();
});
beforeEach(() => {
  rig.forget();
  for (const end of ['', '-wal', '-shm']) rmSync(join(bare.dir, '.siaga', `siaga.db${end}`), { force: true });
});

const token = (): string => referenceAdminToken(rig.checkout.dir) ?? '';
const hook = (): Readonly<Record<string, string>> => ({ SIAGA_WEBHOOK_URL: `${outside.url}/hook` });

/** One round of cron, as it is started with Toxiproxy in the configuration and without. */
const crons: readonly (readonly [string, () => RunningSiaga])[] = [
  ['with Toxiproxy in the configuration', () => rig.start(['check', '--speed', '30'], { env: hook() })],
  [
    'without',
    () =>
      startSiaga(['check', '--speed', '30', '-C', bare.dir, '--json'], {
        dir: bare.dir,
        from: bare.dir,
        env: { ...hook(), SIAGA_TARGET_URL: rig.interceptor.url, REFERENCE_ADMIN_TOKEN: token() },
      }),
  ],
];

async function round(cron: () => RunningSiaga) {
  const envelope = envelopeOf(await cron().ended);
  const told = outside
    .take()
    .map(({ body }) => body as { readonly template: string; readonly incident: string });
  return { envelope, told: told.map(({ template, incident }) => [template, incident]) };
}

const lie = (rule: Rule): Promise<AsyncDisposable> => {
  const lying = rig.interceptor.use(rule);
  return Promise.resolve({ [Symbol.asyncDispose]: () => Promise.resolve(lying[Symbol.dispose]()) });
};

/** Changes the lines of one metric on its way to whoever reads it. */
const changeMetric = (name: string, change: (line: string) => string): Rule => ({
  answer: (answer, { path }) =>
    path === '/metrics'
      ? {
          ...answer,
          body: Buffer.from(
            answer.body
              .toString()
              .split('\n')
              .map((line) => (line.startsWith(name) ? change(line) : line))
              .join('\n'),
          ),
        }
      : answer,
});

/** One query in twelve takes between 0.75 and 1 s: too few for the p90, enough for the p99 of any pass. */
function slowTwelfth(line: string): string {
  const [, series = '', le = '', count = ''] = /^(.*le="([^"]+)".*) (\d+)$/.exec(line) ?? [];
  return Number(le) < 1 ? `${series} ${Math.floor((Number(count) * 11) / 12)}` : line;
}

async function redisUp(): Promise<string | undefined> {
  const { api } = await rig.status();
  return /^redis_up (\d)$/m.exec(await (await fetch(`${api}/metrics`)).text())?.[1];
}

async function redisIs(up: '0' | '1'): Promise<void> {
  await expect.poll(redisUp).toBe(up);
}

async function signalRedis(signal: 'SIGSTOP' | 'SIGKILL', undo: (pid: number) => Promise<void> | void) {
  const pid = (await rig.status()).pids.redis ?? 0;
  process.kill(pid, signal);
  await redisIs('0');
  return {
    async [Symbol.asyncDispose]() {
      await undo(pid);
      await redisIs('1');
    },
  };
}

async function setToggle(value: string): Promise<void> {
  const { admin } = await rig.status();
  const response = await fetch(admin ?? '', {
    method: 'PATCH',
    headers: { authorization: `Bearer ${token()}`, 'content-type': 'application/json' },
    body: JSON.stringify({ FEATURE_DEGRADED_MODE: value }),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

const notReady = {
  status: 503,
  headers: { 'content-type': 'application/json' },
  body: Buffer.from('{"status":"no"}'),
};

interface Cause {
  readonly what: string;
  commit(): Promise<AsyncDisposable>;
  /** What the incident rests on, and what its last line says with which number. */
  readonly signal: string;
  readonly says: RegExp;
}

const causes: readonly Cause[] = [
  {
    what: 'the breaker open',
    commit: () =>
      lie(changeMetric('circuit_breaker_state{name="coinapi"', (line) => line.replace(/ \S+$/, ' 2'))),
    signal: 'breaker.state',
    says: /breaker\.state max 2 /,
  },
  {
    what: 'the database near a second in its p99',
    commit: () => lie(changeMetric('db_query_duration_seconds_bucket', slowTwelfth)),
    signal: 'db.latency',
    says: /db\.latency p99 (1 s|9\d\d ms) /,
  },
  {
    what: 'Redis frozen',
    commit: () => signalRedis('SIGSTOP', (pid) => void process.kill(pid, 'SIGCONT')),
    signal: 'redis.up',
    says: /redis\.up max 0 /,
  },
  {
    what: 'Redis down',
    commit: () => signalRedis('SIGKILL', () => rig.restart('redis')),
    signal: 'redis.up',
    says: /redis\.up max 0 /,
  },
  {
    what: 'the fallback in use',
    commit: () =>
      lie(
        changeJson('/api/coinapi/health', (body) => ({
          ...body,
          fallback: { active: true, provider: 'okx' },
        })),
      ),
    signal: 'state:fallback',
    says: /fallback.*true/,
  },
  {
    what: 'a toggle changed by hand',
    commit: async () => {
      await setToggle('true');
      return { [Symbol.asyncDispose]: () => setToggle('false') };
    },
    signal: 'toggle:FEATURE_DEGRADED_MODE',
    says: /FEATURE_DEGRADED_MODE.*true/,
  },
  {
    what: 'one contract body',
    commit: () => lie(changeJson('/api/sol/complete', ({ orderBook: _, ...body }) => body)),
    signal: 'check:sol-complete',
    says: /sol-complete: body\.orderBook: expected .*, got missing/,
  },
  {
    what: 'ready answering 503',
    commit: () => lie({ instead: ({ path }) => (path === '/health/ready' ? notReady : undefined) }),
    signal: 'check:health-ready',
    says: /health-ready: status: expected 200, got 503/,
  },
  {
    what: 'data six seconds old',
    commit: () =>
      lie(changeJson('/api/sol/complete', (body) => ({ ...body, asOf: Number(body['serverTime']) - 6_000 }))),
    signal: 'check:freshness',
    says: /freshness: body\.asOf: .*got 6000 ms old/,
  },
  {
    what: 'WebSocket replies 400 ms late',
    commit: () => lie({ holdMessageMs: (text) => (text.includes('"echo"') ? 400 : 0) }),
    signal: 'check:stream',
    says: /stream: durationMs: expected at most 350 ms, got 4\d\d ms/,
  },
];

describe.each(crons)('one round of cron, %s', (_, cron) => {
  it('is green, in one pass, and tells nobody where nothing is wrong', async () => {
    const { envelope, told } = await round(cron);
    expect([envelope.exitCode, envelope.verdict, envelope.reason]).toEqual([0, 'passed', '']);
    expect([envelope.incidents, told]).toEqual([[], []]);
    expect(envelope.results.map((result) => (result.kind === 'check' ? result.observations : 0))).toEqual(
      envelope.results.map(() => 1),
    );
    expect(envelope.results.length).toBeGreaterThanOrEqual(10);
  });

  it.each(causes)('is red where only this is wrong: $what', async ({ commit, signal, says }) => {
    await using _wrong = await commit();
    const { envelope, told } = await round(cron);
    expect(envelope.reason).toMatch(says);
    expect([envelope.exitCode, envelope.verdict]).toEqual([1, 'failed']);
    const [incident, ...others] = envelope.incidents;
    expect(others).toEqual([]);
    expect(incident).toMatchObject({ phase: 'declared', drill: false });
    expect(incident?.signals).toContain(signal);
    expect(envelope.reason.startsWith(`${incident?.incident} (${incident?.severity}) declared: `)).toBe(true);
    // Hard down is found after fifteen seconds, in the same round, and told as the worse that it is.
    const worse = incident?.severity === 'SEV-0' ? [['UPDATE', incident?.incident]] : [];
    expect(told).toEqual([['DEGRADED', incident?.incident], ...worse]);
  });
});
