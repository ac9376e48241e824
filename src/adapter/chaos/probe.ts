import { createConnection } from 'node:net';
import type { Socket } from 'node:net';
import type { DependencyProbe, ProbeAnswer } from '../../chaos/ports.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Dependency } from '../../project/target.ts';

/** Asks a dependency on a fresh connection: one request, one answer, bounded in time and size. */
export const dependencyProbe: DependencyProbe = {
  async ask(probe, address, timeoutMs) {
    const began = performance.now();
    try {
      const answer = await within(timeoutMs, (signal) => exchange(probe, address, signal));
      return { ok: true, ...answer };
    } catch (error) {
      return { ok: false, ms: performance.now() - began, bytes: 0, reason: messageOf(error) || 'failed' };
    }
  },
};

type Answer = Pick<ProbeAnswer, 'ms' | 'closedMs' | 'bytes'>;

async function within(timeoutMs: number, act: (signal: AbortSignal) => Promise<Answer>): Promise<Answer> {
  const signal = AbortSignal.timeout(timeoutMs);
  const cut = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(new Error(`no answer within ${timeoutMs} ms`)));
  });
  return Promise.race([act(signal), cut]);
}

function exchange(probe: Dependency['probe'], address: string, signal: AbortSignal): Promise<Answer> {
  switch (probe.kind) {
    case 'http':
      return askHttp(address, probe.path, signal);
    case 'postgres':
      return speak(address, sslRequest, (data) => data[0] === 0x53 || data[0] === 0x4e, signal);
    case 'redis':
      // An error reply is a reply: a server that wants a password is up.
      return speak(address, Buffer.from('PING\r\n'), (data) => data.includes('\r\n'), signal);
    case 'tcp':
      return speak(address, undefined, () => true, signal);
  }
}

// Length 8, code 80877103: answered with one byte before any authentication.
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]);
const largestAnswer = 8 * 1_048_576;

// By hand: a client library closes by itself, and then nobody sees how long the other side took to.
function askHttp(address: string, path: string, signal: AbortSignal): Promise<Answer> {
  const began = performance.now();
  const { host, port } = split(address);
  const head = [
    'GET ' + path + ' HTTP/1.1',
    `host: ${host}:${port}`,
    'user-agent: siaga',
    'connection: close',
  ];
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal });
    const chunks: Buffer[] = [];
    let bytes = 0;
    let ms = 0;
    socket.on('connect', () => socket.write(`${head.join('\r\n')}\r\n\r\n`));
    socket.on('data', (chunk: Buffer) => {
      ms = performance.now() - began;
      bytes += chunk.length;
      if (bytes > largestAnswer) socket.destroy(new Error('the answer is larger than 8 MiB'));
      else chunks.push(chunk);
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const problem = httpProblem(Buffer.concat(chunks).toString('latin1'));
      if (problem === undefined) resolve({ ms, closedMs: performance.now() - began, bytes });
      else reject(new Error(problem));
    });
  });
}

/** Why this is not a whole HTTP answer. Any status is an answer. */
function httpProblem(text: string): string | undefined {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  if (text === '') return 'closed without an answer';
  if (!/^HTTP\/1\.[01] \d{3}/.test(head) || rest.length === 0) return 'this is no HTTP answer';
  const [, length] = /\r\ncontent-length: *(\d+)/i.exec(head) ?? [];
  const body = text.length - head.length - 4;
  if (length !== undefined && body < Number(length)) return `cut off after ${body} of ${length} bytes`;
  const chunked = /\r\ntransfer-encoding:[^\r]*chunked/i.test(head);
  return chunked && !text.endsWith('0\r\n\r\n') ? 'cut off before the last chunk' : undefined;
}

function speak(
  address: string,
  question: Buffer | undefined,
  complete: (data: Buffer) => boolean,
  signal: AbortSignal,
): Promise<Answer> {
  const began = performance.now();
  return new Promise((resolve, reject) => {
    const socket: Socket = createConnection({ ...split(address), signal });
    let data = Buffer.alloc(0);
    const finish = () => {
      resolve({ ms: performance.now() - began, bytes: data.length });
      socket.destroy();
    };
    socket.on('connect', () => (question ? socket.write(question) : stays(socket, finish)));
    socket.on('data', (chunk: Buffer) => {
      data = Buffer.concat([data, chunk]).subarray(0, 65_536);
      if (question && complete(data)) finish();
    });
    socket.on('error', reject);
    socket.on('close', () => reject(new Error('closed without an answer')));
  });
}

// Toxiproxy accepts before it has reached a dead upstream, and closes then.
function stays(socket: Socket, finish: () => void): void {
  const timer = setTimeout(finish, 50);
  socket.once('close', () => clearTimeout(timer));
}

function split(address: string): { host: string; port: number } {
  const [, host = '127.0.0.1', port = '0'] = /^\[?(.*?)\]?:(\d+)$/.exec(address) ?? [];
  return { host, port: Number(port) };
}
