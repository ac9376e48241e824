import { formatMs } from '../kernel/duration.ts';
import type { Violation } from '../kernel/outcome.ts';
import { blameOf } from './failure.ts';
import type { HttpExchange, Phase, SocketReply } from './ports.ts';
import type { Found } from './rules.ts';

const phaseNames: Readonly<Record<Phase, string>> = {
  dns: 'the name to resolve',
  connect: 'the connection',
  tls: 'the TLS handshake',
  processing: 'the first byte',
  transfer: 'the rest of the body',
};

export function timeoutViolation(timeoutMs: number, waitingFor: Phase): Found {
  return {
    ofTime: true,
    path: 'response',
    rule: 'the target answers before the timeout',
    got: `still waiting for ${phaseNames[waitingFor]} after ${formatMs(timeoutMs)}`,
    allowed: `a whole answer within ${formatMs(timeoutMs)}`,
  };
}

const plain: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'the connection was reset',
  EPIPE: 'the connection was closed',
  EHOSTUNREACH: 'no route to the host',
};

type Broken = Extract<HttpExchange, { kind: 'broken' }>;

/** Why there is no whole answer, where that is the target's doing. */
export function brokenViolation(
  { code, message, waitingFor, received }: Broken,
  timeoutMs: number,
): Violation {
  if (blameOf(code) === 'certificate') return untrusted(code, message);
  const got = `${plain[code] ?? message} (${code})`;
  const allowed = `a whole answer within ${formatMs(timeoutMs)}`;
  if (waitingFor !== 'transfer') return { path: 'response', rule: 'the target answers', got, allowed };
  return {
    path: 'body',
    rule: 'the body arrives whole',
    got: `${got} after ${received} bytes of it`,
    allowed,
  };
}

function untrusted(code: string, message: string): Violation {
  return {
    path: 'tls',
    rule: 'the certificate is trusted',
    got: `${message} (${code})`,
    allowed: "a certificate of a known authority, or of the one in the target's `ca`",
  };
}

/** Why a message has no answer, where that is the target's doing. */
export function silenceViolation(reply: Exclude<SocketReply, { kind: 'replied' }>, timeoutMs: number): Found {
  if (reply.kind === 'timed-out') return timeoutViolation(timeoutMs, reply.waitingFor);
  const { code, message } = reply.kind === 'broken' ? reply : { code: 'ECONNRESET', message: 'closed' };
  if (blameOf(code) === 'certificate') return untrusted(code, message);
  const got = `${plain[code] ?? message} (${code})`;
  return {
    path: 'response',
    rule: 'the target answers',
    got,
    allowed: `a reply within ${formatMs(timeoutMs)}`,
  };
}
