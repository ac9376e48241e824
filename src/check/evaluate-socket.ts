import * as rules from './rules.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { toMs } from '../kernel/to-ms.ts';
import { type Assessment, conclude, type Evaluation, type RunFacts } from './conclude.ts';
import type { Answer, WebSocketCheck } from './definition.ts';
import { blameOf } from './failure.ts';
import type { Feed } from './feed.ts';
import type { SocketExchange, SocketReply } from './ports.ts';
import { applySchema, parseJson, type Reading } from './reading.ts';
import { requestIdOf } from './response.ts';
import { silenceViolation } from './unanswered.ts';

type Silence = Exclude<SocketReply, { kind: 'replied' }>;
type Reply = Extract<SocketReply, { kind: 'replied' }>;

/** Judges one run of messages over a WebSocket. Pure, but for a schema that is asynchronous itself. */
export async function evaluateSocket(
  check: WebSocketCheck,
  exchange: SocketExchange,
  run: RunFacts,
): Promise<Evaluation> {
  return conclude(check, run, await assess(check, exchange, run));
}

async function assess(
  check: WebSocketCheck,
  { replies, loopLagMs }: SocketExchange,
  run: RunFacts,
): Promise<Assessment> {
  const silence = replies.find((reply): reply is Silence => reply.kind !== 'replied');
  const read = await Promise.all(
    replies.filter((reply) => reply.kind === 'replied').map((reply) => readReply(check, reply)),
  );
  const answers = read.flatMap(({ answer }) => answer ?? []);
  const doubt = silence && doubtOf(silence);
  const timeoutMs = toMs(check.socket.timeout);
  const lost = silence && doubt === undefined ? [silenceViolation(silence, timeoutMs)] : [];
  const requestId = requestIdOf({}, answers.at(-1)?.body) ?? run.requestId;
  return {
    violations: [...lost, ...merge(read.flatMap(({ violations }) => violations))],
    doubt,
    answers: lost.length > 0 ? [] : answers,
    feeds: feedsFor(check, replies, timeoutMs),
    loopLagMs,
    text: read.find(({ violations }) => violations.length > 0)?.text,
    finished: {
      durationMs: Math.max(0, ...replies.map(({ durationMs }) => durationMs)),
      ...(wasSent(silence) && { requestId: run.redact.line(requestId) }),
      ...(lost.length > 0 && answerOf(silence)),
      ...(isThrottled(silence) && { throttled: true }),
      ...(silence?.kind === 'timed-out' && { timedOut: true }),
      ...(doubt === undefined && silence && noConnection(silence)),
    },
  };
}

function doubtOf(silence: Silence): string | undefined {
  if (silence.kind === 'interrupted') return 'interrupted';
  if (isThrottled(silence)) return 'our own request budget ran out (429)';
  if (silence.kind !== 'broken' || blameOf(silence.code) !== 'ours') return undefined;
  return `the connection could not be made from here: ${silence.message} (${silence.code})`;
}

function noConnection(silence: Silence): Pick<CheckFinished, 'noConnection'> {
  if (silence.kind !== 'broken') return {};
  if (silence.code === 'ECONNREFUSED') return { noConnection: 'refused' };
  const refused = silence.status !== undefined || blameOf(silence.code) === 'certificate';
  return refused ? { noConnection: 'handshake' } : {};
}

// A connection that is turned away with a status was answered.
function answerOf(silence: Silence | undefined): Pick<CheckFinished, 'noAnswer' | 'status'> {
  return silence?.kind === 'broken' && silence.status !== undefined
    ? { status: silence.status }
    : { noAnswer: true };
}

function wasSent(silence: Silence | undefined): boolean {
  if (silence?.kind !== 'broken' || silence.status !== undefined) return true;
  return silence.code !== 'ECONNREFUSED' && blameOf(silence.code) !== 'certificate';
}

function isThrottled(silence: Silence | undefined): boolean {
  return silence?.kind === 'broken' && silence.status === 429;
}

interface ReadReply {
  readonly answer?: Answer<unknown>;
  readonly violations: readonly rules.Found[];
  readonly text: string;
}

async function readReply(
  { reply: { body: schema, within }, invariants }: WebSocketCheck,
  { text, durationMs }: Reply,
): Promise<ReadReply> {
  const parsed = parseJson(text);
  const reading: Reading =
    parsed.kind === 'usable' && schema ? await applySchema(schema, parsed.body) : parsed;
  const late = rules.durationViolations(within, durationMs);
  if (reading.kind === 'unusable') return { text, violations: [...reading.violations, ...late] };
  const answer: Answer<unknown> = { body: reading.body, status: 101, headers: {}, durationMs };
  return { text, answer, violations: [...rules.invariantViolations(invariants, answer), ...late] };
}

/** The same rule broken by many replies of one run is one violation that says how many. */
function merge(violations: readonly rules.Found[]): rules.Found[] {
  const groups = Map.groupBy(violations, ({ path, rule }) => `${path}\n${rule}`);
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    return [
      group.length === 1 ? first : { ...first, got: `${first.got} (and ${group.length - 1} more like it)` },
    ];
  });
}

// A message without an answer has taken at least its timeout, however soon that was clear.
function feedsFor(
  { counted = true }: WebSocketCheck,
  replies: readonly SocketReply[],
  timeoutMs: number,
): Feed[] {
  if (!counted) return [];
  return replies.flatMap((reply): Feed[] =>
    reply.kind === 'interrupted'
      ? []
      : [
          {
            role: 'roundTrip',
            kind: 'value',
            value: reply.kind === 'replied' ? reply.durationMs : timeoutMs,
          },
        ],
  );
}
