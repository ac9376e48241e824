import { connect } from 'node:net';
import { messageOf } from '../../src/kernel/errors.ts';

export interface Address {
  readonly host: string;
  readonly port: number;
}

export type Answer =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Greets a Postgres server as a client would and reads the first message.
 * A server that asks for a password, or lets us in, is up; one that is starting or stopping says so.
 */
export async function greetPostgres(address: Address, user: string, timeoutMs: number): Promise<Answer> {
  const answer = await exchange(address, startupMessage(user), timeoutMs, (bytes) => bytes.length >= 1);
  if (!answer.ok) return answer;
  const kind = answer.bytes.toString('latin1', 0, 1);
  if (kind === 'R') return { ok: true, text: 'authentication request' };
  const text = printable(answer.bytes);
  return { ok: false, reason: kind === 'E' ? text : `it does not speak Postgres: ${text.slice(0, 60)}` };
}

/** Sends RESP commands and returns the text that came back once `done` says that it is whole. */
export async function askRedis(
  address: Address,
  commands: readonly string[],
  timeoutMs: number,
  done: (text: string) => boolean,
): Promise<Answer> {
  const request = Buffer.from(`${commands.join('\r\n')}\r\n`);
  const answer = await exchange(address, request, timeoutMs, (bytes) => done(bytes.toString('utf8')));
  return answer.ok ? { ok: true, text: answer.bytes.toString('utf8') } : answer;
}

// Protocol 3.0: length, version, then name and value pairs, each ended by a zero byte.
function startupMessage(user: string): Buffer {
  const body = Buffer.from(`\0\x03\0\0user\0${user}\0database\0postgres\0\0`, 'latin1');
  const length = Buffer.alloc(4);
  length.writeInt32BE(body.length + 4);
  return Buffer.concat([length, body]);
}

type Bytes = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false; readonly reason: string };

function exchange(
  { host, port }: Address,
  request: Buffer,
  timeoutMs: number,
  whole: (bytes: Buffer) => boolean,
): Promise<Bytes> {
  return new Promise((done) => {
    const socket = connect({ host, port });
    let bytes: Buffer = Buffer.alloc(0);
    const finish = (result: Bytes) => {
      clearTimeout(timer);
      socket.destroy();
      done(result);
    };
    const timer = setTimeout(() => finish({ ok: false, reason: `no answer in ${timeoutMs} ms` }), timeoutMs);
    socket.on('connect', () => socket.write(request));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (whole(bytes) || bytes.length > 65_536) finish({ ok: true, bytes });
    });
    socket.on('error', (error) => finish({ ok: false, reason: messageOf(error) }));
    socket.on('close', () => finish({ ok: false, reason: 'the connection was closed' }));
  });
}

function printable(bytes: Buffer): string {
  return bytes
    .toString('utf8')
    .replaceAll(/[^\x20-\x7e]+/g, ' ')
    .trim();
}
