import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import runbook from '../../runbook.ts';
import { systemClock } from '../adapter/system.ts';
import { telegramChannel } from '../adapter/channel/telegram.ts';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { IncidentChange } from '../event/incident.ts';
import type { RunJournal, Store } from '../event/store.ts';
import type { Random } from '../kernel/ports.ts';
import { compileJudge } from '../runbook/judge.ts';
import { storePath } from '../store/database.ts';
import { openStore } from '../store/store.ts';
import { startDispatcher, type Dispatcher } from './dispatcher.ts';
import { messageFacts, type MessageFacts } from './facts.ts';
import { startMessages } from './announce.ts';
import type { MessageChannel } from './ports.ts';

/** Answers one request as the Bot API would, or as a broken one does. */
type Reply = (response: ServerResponse, incoming: IncomingMessage) => void;

interface BotCall {
  readonly url: string;
  readonly chat: string;
  readonly text: string;
  readonly at: number;
}

const token = '123456:secret-half-of-the-token';
const json =
  (status: number, body: object): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  };
const sent = json(200, { ok: true, result: { message_id: 1 } });
const refusal = (code: number, description: string, parameters = {}): Reply =>
  json(code, { ok: false, error_code: code, description, parameters });
const resets: Reply = (_, incoming) => incoming.socket.resetAndDestroy();

let project: string;
let server: Server;
let api: string;
let calls: BotCall[];
let replies: Reply[];
const started: Dispatcher[] = [];
const stores: Store[] = [];

beforeEach(async () => {
  project = mkdtempSync(join(tmpdir(), 'siaga-dispatcher-'));
  calls = [];
  replies = [];
  server = createServer((incoming, response) => void answer(incoming, response));
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
  api = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((one) => one.stop()));
  for (const store of stores.splice(0)) store.close();
  server.closeAllConnections();
  await new Promise((closed) => {
    server.close(closed);
  });
  rmSync(project, { recursive: true, force: true });
});

async function answer(incoming: IncomingMessage, response: ServerResponse): Promise<void> {
  let body = '';
  for await (const chunk of incoming) body += String(chunk);
  const { chat_id: chat, text } = JSON.parse(body) as { chat_id: string; text: string };
  calls.push({ url: incoming.url ?? '', chat, text, at: systemClock.monotonic() });
  (replies.shift() ?? sent)(response, incoming);
}

function journalOf(run: string): RunJournal {
  const store = openStore(storePath(project));
  stores.push(store);
  return store.journal({ run, target: 'reference', clock: systemClock, boot: run });
}

/** Jitter at its least, so that retries come at once. */
const eager: Random = { next: () => 0, id: () => 'x' };
const options = (journal: RunJournal, channels: readonly MessageChannel[] = [bot('telegram')]) => ({
  journal,
  channels,
  clock: systemClock,
  random: eager,
  signal: new AbortController().signal,
});
const bot = (name: string): MessageChannel => telegramChannel({ name, token, chat: '-100', api });

function dispatcher(journal: RunJournal, channels?: readonly MessageChannel[]): Dispatcher {
  const one = startDispatcher(options(journal, channels));
  started.push(one);
  return one;
}

const receives = ['incidents', 'drills'] as const;

function factsFor(...names: readonly string[]): MessageFacts {
  const judge = compileJudge(runbook, { speed: 1, loadRunning: true, coreChecks: [] });
  const channels = names.map(
    (name, index) => ({ name, language: 'en', standby: index > 0, receives }) as const,
  );
  const commands = { check: 'npx siaga check', report: 'npx siaga report r1' };
  return messageFacts(runbook, judge, { system: 'shop', channels, commands, announceAfter: 0 });
}

function messages(
  journal: RunJournal,
  facts: MessageFacts,
  channels?: readonly MessageChannel[],
): Dispatcher {
  const one = startMessages({ ...options(journal, channels), facts });
  started.push(one);
  return one;
}

let count = 0;
function request(text: string, more: { incident?: string; channel?: string } = {}): Draft {
  const { incident = 'inc-1', channel = 'telegram' } = more;
  const ordinal = ++count;
  const data = {
    message: `m${ordinal}`,
    incident,
    transition: ordinal,
    channel,
    template: 'DEGRADED',
    text,
  } as const;
  return { type: 'message.requested', data };
}

const by = { signal: 'rest.errors', got: '5%', allowed: 'rate > 2%', since: 0, evidence: [] };
const symptoms = { windowMs: 300_000, p95: 300, errorRatio: 0.05, n: 100 };
function transition(ordinal: number, kind: 'declared' | 'recovered'): Draft {
  const change =
    kind === 'declared'
      ? ({ kind, severity: 'SEV-2', by, symptoms } as const)
      : ({ kind, criteria: [], symptoms } as const);
  const data = { incident: 'inc-1', group: 'service', ordinal, effectiveAt: Date.now(), drill: true, change };
  return { type: 'incident.transition', data };
}

function checkFired(ordinal: number, severity: 'SEV-2' | 'SEV-3', name: string): Draft {
  const firing = { ...by, signal: `check:${name}`, subject: { kind: 'check', name } } as const;
  const change: IncidentChange =
    ordinal === 1
      ? { kind: 'declared', severity, by: firing, symptoms }
      : { kind: 'signal-joined', severity, by: firing };
  const data = { incident: 'inc-1', group: 'service', ordinal, effectiveAt: Date.now(), drill: true, change };
  return { type: 'incident.transition', data };
}

const outcomes = (events: readonly SiagaEvent[]): string[] =>
  events.flatMap(({ type }) => (type.startsWith('message.') ? [type.slice('message.'.length)] : []));
const texts = (): string[] => calls.map(({ text }) => text);
const firstLines = (): (string | undefined)[] => texts().map((text) => text.split('\n')[0]);

describe('a dispatcher', () => {
  it('speaks the wire of the Bot API and writes down what arrived', async () => {
    const journal = journalOf('r1');
    journal.append(request('hello\n*not markup*'));
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(calls).toMatchObject([
      { url: `/bot${token}/sendMessage`, chat: '-100', text: 'hello\n*not markup*' },
    ]);
    expect(outcomes(journal.events())).toEqual(['requested', 'delivered']);
  });

  it.each([
    ['500', refusal(500, 'Internal Server Error')],
    [
      '502 with a page',
      (response: ServerResponse) => void response.writeHead(502).end('<html>bad gateway</html>'),
    ],
    ['408', refusal(408, 'Request Timeout')],
    ['a connection that breaks', resets],
    [
      'somebody else who says 200',
      (response: ServerResponse) => void response.writeHead(200).end('<html>log in</html>'),
    ],
    [
      'an answer that breaks off',
      (response: ServerResponse) => {
        response.writeHead(200, { 'content-length': '1000' }).write('{"ok":', () => response.destroy());
      },
    ],
  ] as const)('tries again after %s', async (_, broken) => {
    replies.push(broken);
    const journal = journalOf('r1');
    journal.append(request('once more'));
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(texts()).toEqual(['once more', 'once more']);
    expect(outcomes(journal.events())).toEqual(['requested', 'failed', 'delivered']);
    expect(JSON.stringify(journal.events())).not.toContain('secret-half');
  });

  it('waits as long as Telegram asks, with every message of that channel', async () => {
    replies.push(refusal(429, 'Too Many Requests: retry after 1', { retry_after: 1 }));
    const journal = journalOf('r1');
    journal.append(request('first', { incident: 'inc-1' }));
    journal.append(request('second', { incident: 'inc-2' }));
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(texts().toSorted()).toEqual(['first', 'first', 'second']);
    const [refused = 0, next = 0] = calls.map(({ at }) => at);
    expect(next - refused).toBeGreaterThanOrEqual(995);
    const failed = journal.events().find(({ type }) => type === 'message.failed');
    expect(failed?.data).toMatchObject({ reason: 'HTTP 429: Too Many Requests: retry after 1' });
  });

  it('gives up at once on what will never work', async () => {
    replies.push(refusal(403, `Forbidden: bot was kicked, ${token}`));
    const journal = journalOf('r1');
    journal.append(request('refused'));
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    const dead = journal.events().at(-1);
    expect(dead).toMatchObject({
      type: 'message.dead',
      data: { channel: 'telegram', reason: 'HTTP 403: Forbidden: bot was kicked, [redacted]' },
    });
  });

  it('gives up, at last, on a channel that has failed too often, and says how often', async () => {
    const journal = journalOf('r1');
    const own: MessageChannel = {
      name: 'telegram',
      mostAttempts: 3,
      send: () => Promise.resolve({ outcome: 'retry', reason: 'it threw' }),
    };
    const one = dispatcher(journal, [own]);
    journal.append(request('DEGRADED'));
    expect(await one.drain(5_000)).toEqual([]);
    expect(outcomes(journal.events())).toEqual(['requested', 'failed', 'failed', 'dead']);
    expect(journal.events().at(-1)?.data).toMatchObject({ reason: 'given up after 3 attempts: it threw' });
  });

  it('lets no message of an incident overtake another', async () => {
    replies.push(refusal(500, ''), refusal(500, ''), refusal(500, ''));
    const journal = journalOf('r1');
    for (const text of ['DEGRADED', 'RECOVERED', 'DEGRADED again']) journal.append(request(text));
    await dispatcher(journal).drain(5_000);
    expect(texts()).toEqual(['DEGRADED', 'DEGRADED', 'DEGRADED', 'DEGRADED', 'RECOVERED', 'DEGRADED again']);
  });

  it('tells at its deadline what nobody received, and why', async () => {
    replies.push(...Array.from({ length: 10_000 }, () => refusal(500, 'down')));
    const journal = journalOf('r1');
    journal.append(request('late'));
    journal.append(request('nowhere', { channel: 'pigeon' }));
    const one = dispatcher(journal);
    while (!outcomes(journal.events()).includes('failed')) await systemClock.sleep(5);
    const left = await one.drain(150);
    expect(left).toMatchObject([
      { channel: 'telegram', reason: 'HTTP 500: down' },
      { channel: 'pigeon', attempts: 0, reason: 'this channel is not configured' },
    ]);
  });

  it('stops in the middle of a request that hangs', async () => {
    replies.push(() => undefined);
    const journal = journalOf('r1');
    journal.append(request('hanging'));
    const one = dispatcher(journal);
    while (calls.length === 0) await systemClock.sleep(5);
    await one.stop();
    expect(outcomes(journal.events())).toEqual(['requested']);
    expect(await one.drain(60_000)).toMatchObject([{ reason: 'not tried yet' }]);
  });

  it('takes over what an earlier run left undelivered, once nobody has touched it for ten minutes', async () => {
    const earlier = journalOf('r1');
    const longAgo = Date.now() - 601_000;
    earlier.append({ ...request('left behind', { incident: 'inc-1' }), at: longAgo });
    earlier.append(request('still theirs', { incident: 'inc-2' }));
    const journal = journalOf('r2');
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(texts()).toEqual(['left behind']);
    expect(outcomes(journal.events())).toEqual(['delivered']);
  });

  it('delivers at once, in order, what a run left undelivered that has ended', async () => {
    const earlier = journalOf('r1');
    const { data } = earlier.append(request('DEGRADED'));
    const { message } = data as { message: string };
    const retryAtMs = systemClock.now() + 300_000;
    const failed = { message, channel: 'telegram', attempt: 9, reason: 'HTTP 503', retryAtMs };
    earlier.append({ type: 'message.failed', data: failed });
    journalOf('r3').append(request('of a run that goes on', { incident: 'inc-2' }));
    const journal = journalOf('r2');
    journal.append(request('UPDATE'));
    const one = startDispatcher({ ...options(journal), runEnded: (run) => run === 'r1' });
    started.push(one);
    expect(await one.drain(5_000)).toEqual([]);
    expect(texts()).toEqual(['DEGRADED', 'UPDATE']);
  });

  it('row 12: takes over what an earlier run left before the wall clock was set back by an hour', async () => {
    const earlier = journalOf('r1');
    const inAnHour = systemClock.now() + 3_590_000;
    const { data } = earlier.append({ ...request('left behind'), at: inAnHour });
    const { message } = data as { message: string };
    const failed = { message, channel: 'telegram', attempt: 1, reason: 'busy', retryAtMs: inAnHour + 60_000 };
    earlier.append({ type: 'message.failed', data: failed, at: inAnHour });
    const journal = journalOf('r2');
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(texts()).toEqual(['left behind']);
  });

  it('does not send what another process has withdrawn meanwhile', async () => {
    const journal = journalOf('r1');
    const { data } = journal.append(request('withdrawn')) as Extract<
      SiagaEvent,
      { type: 'message.requested' }
    >;
    const withdrawn = { message: data.message, channel: 'telegram', reason: 'told by the combined message' };
    journalOf('r2').append({ type: 'message.dead', data: withdrawn });
    expect(await dispatcher(journal).drain(5_000)).toEqual([]);
    expect(calls).toEqual([]);
  });
});

describe('messages of a run', () => {
  it('are requested as transitions are written, and delivered once each, in order', async () => {
    const journal = journalOf('r1');
    const one = messages(journal, factsFor('telegram'));
    journal.append(transition(1, 'declared'));
    expect(await one.drain(5_000)).toEqual([]);
    journal.append(transition(2, 'recovered'));
    expect(await one.drain(5_000)).toEqual([]);
    expect(firstLines()).toEqual([
      expect.stringMatching(/^\[DRILL\] SEV-2 shop/),
      expect.stringMatching(/^\[DRILL\] \[RESOLVED\] SEV-2 shop: normal again after/),
    ]);
    expect(outcomes(journal.events())).toEqual(['requested', 'delivered', 'requested', 'delivered']);
  });

  it.each(['after three seconds', 'at the end of the run'])(
    'hunt a: of checks that fail one after another are one, %s',
    async (when) => {
      const journal = journalOf('r1');
      let ahead = 0;
      const now = () => systemClock.now() + ahead;
      // Nobody waits in a test.
      const sleep = async (ms: number, signal?: AbortSignal) => {
        await systemClock.sleep(Math.min(ms, 20), signal);
        if (when === 'after three seconds' && ms > 1_000) ahead += ms;
      };
      const channels = [bot('telegram')];
      const clock = { ...systemClock, now, sleep };
      const one = startMessages({ ...options(journal, channels), clock, facts: factsFor('telegram') });
      started.push(one);
      journal.append(checkFired(1, 'SEV-3', 'state'));
      journal.append(checkFired(2, 'SEV-2', 'orders'));
      if (when === 'after three seconds') while (calls.length === 0) await systemClock.sleep(5);
      expect(await one.drain(5_000)).toEqual([]);
      expect(firstLines()).toEqual([expect.stringMatching(/^\[DRILL\] SEV-2 shop/)]);
    },
  );

  it('are one combined message when the first could not be delivered before the end', async () => {
    replies.push(refusal(429, 'slow', { retry_after: 1 }));
    const journal = journalOf('r1');
    const one = messages(journal, factsFor('telegram'));
    journal.append(transition(1, 'declared'));
    while (!journal.events().some(({ type }) => type === 'message.failed')) await systemClock.sleep(5);
    journal.append(transition(2, 'recovered'));
    expect(await one.drain(5_000)).toEqual([]);
    expect(firstLines()).toEqual([
      expect.stringMatching(/^\[DRILL\] SEV-2 shop/),
      expect.stringMatching(/\[RESOLVED\] SEV-2 shop: degraded .*, normal again /),
    ]);
    expect(outcomes(journal.events())).toEqual(['requested', 'failed', 'dead', 'requested', 'delivered']);
  });

  it('go to the standby channel when the first refuses them', async () => {
    replies.push(refusal(400, 'Bad Request: chat not found'));
    const journal = journalOf('r1');
    const second = telegramChannel({ name: 'second', token, chat: '-200', api });
    const one = messages(journal, factsFor('telegram', 'second'), [bot('telegram'), second]);
    journal.append(transition(1, 'declared'));
    while (calls.length < 2) await systemClock.sleep(5);
    expect(await one.drain(5_000)).toEqual([]);
    expect(calls.map(({ chat }) => chat)).toEqual(['-100', '-200']);
  });

  it('go to the standby channel when the run ends and the first could not take them', async () => {
    replies.push(refusal(503, 'down'));
    const journal = journalOf('r1');
    const second = telegramChannel({ name: 'second', token, chat: '-200', api });
    const late: Random = { ...eager, next: () => 1 };
    const facts = factsFor('telegram', 'second');
    const one = startMessages({ ...options(journal, [bot('telegram'), second]), random: late, facts });
    started.push(one);
    journal.append(transition(1, 'declared'));
    await one.drain(200);
    expect(calls.map(({ chat }) => chat).slice(0, 2)).toEqual(['-100', '-200']);
  });

  it('are requested once by two processes that see the same incident', async () => {
    const [a, b] = [journalOf('r1'), journalOf('r2')];
    const both = [messages(a, factsFor('telegram')), messages(b, factsFor('telegram'))];
    a.append(transition(1, 'declared'));
    b.append({ type: 'message.dead', data: { message: 'other', channel: 'telegram', reason: 'wakes it' } });
    for (const one of both) expect(await one.drain(5_000)).toEqual([]);
    expect(calls).toHaveLength(1);
  });

  it('still go out when the store cannot be written, and say so', async () => {
    const journal = journalOf('r1');
    const one = messages(journal, factsFor('telegram'));
    stores[0]?.close();
    journal.append(transition(1, 'declared'));
    expect(await one.drain(5_000)).toEqual([]);
    expect(texts()).toHaveLength(1);
    expect(texts()[0]).toContain('UNRECORDED');
    expect(journal.recorded).toBe(false);
  });
});
