import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventType } from '../../src/event/catalogue.ts';
import type { SiagaEvent } from '../../src/event/envelope.ts';
import { ofType } from '../../src/projection/pick.ts';
import { read, root } from '../support/sources.ts';
import { type Ended, startSiaga } from '../support/rig/siaga.ts';

const secret = 'glsa_verysecretkey';

const source = (name: string, body: string, timeout = '10s'): string => `
import { defineSource } from 'siaga';
export default defineSource({ name: '${name}', every: '1s', timeout: '${timeout}', read: ${body} });
`;

/** What each source does, and what the round says of its signal. */
const sources: Readonly<Record<string, readonly [code: string, why: string | undefined]>> = {
  well: [source('well', '() => 7'), undefined],
  floats: [
    source('floats', `() => { void Promise.reject(new Error('late ${secret}')); return 1; }`),
    undefined,
  ],
  throws: [
    source('throws', `() => { throw new Error(\`no queue for \${process.env['KEY']}\`); }`),
    'no queue for [redacted]',
  ],
  hangs: [source('hangs', '() => new Promise(() => {})', '500ms'), 'no answer within 0.5 s'],
  nonsense: [source('nonsense', `{ command: ['echo', 'many'] }`), 'it gave "many", which is no number'],
  leaves: [
    source(
      'leaves',
      `{ command: ['sh', '-c', 'echo 7; exec >/dev/null 2>&1; sleep 999 & echo $! > CHILD'] }`,
    ),
    'it left a process behind, which was ended',
  ],
};

/** A channel whose first attempt does this, and whose second delivers. */
const channel = (kind: string, first: string): string => `
import { defineChannel } from 'siaga';
import { any } from '../any.ts';
let attempts = 0;
const first = ${first};
export default defineChannel({
  kind: '${kind}', options: any, secret: ['key'], timeout: '500ms',
  send: (message, options) => (attempts++ === 0 ? first(options) : { outcome: 'delivered' }),
});
`;

/** What the first attempt of each channel does, and what is written of it. */
const channels: Readonly<Record<string, readonly [code: string, why: string]>> = {
  throws: [channel('throws', `({ key }) => { throw new Error('401 for ' + key); }`), '401 for [redacted]'],
  hangs: [channel('hangs', '() => new Promise(() => {})'), 'no answer within 0.5 s'],
  nonsense: [
    channel('nonsense', '() => 42'),
    'send gave 42, not whether it was delivered, refused or to be tried again',
  ],
};

// A schema without a library.
const any = `
export const any = { '~standard': { version: 1, vendor: 'test', validate: (value: any) => ({ value }) } } as any;
`;

let dir: string;
let ended: Ended;
let events: readonly SiagaEvent[];
const server = createServer((_, response) => {
  response.writeHead(200, { 'content-type': 'application/json' }).end('{"fallback":false}');
});

beforeAll(async () => {
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  const { port } = server.address() as AddressInfo;
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-own-parts-'));
  cpSync(join(root, 'test/projects/minimal'), dir, { recursive: true });
  rmSync(join(dir, 'chaos'), { recursive: true });
  for (const folder of ['sources', 'channels']) mkdirSync(join(dir, folder));
  writeFileSync(join(dir, 'any.ts'), any);
  for (const [name, [code]] of Object.entries(sources))
    writeFileSync(join(dir, 'sources', `${name}.ts`), code.replace('CHILD', join(dir, 'child')));
  for (const [name, [code]] of Object.entries(channels))
    writeFileSync(join(dir, 'channels', `${name}.ts`), code);
  const rows = Object.keys(sources).map(
    (name) =>
      `'own.${name}': { title: '${name}', requirements: [], source: { own: '${name}' }, trigger: { when: 'last > 100', for: '5m' }, severity: 'SEV-3' },`,
  );
  const runbook = read('test/projects/minimal/runbook.ts').replace(
    'signals: {',
    `signals: {\n${rows.join('\n')}`,
  );
  writeFileSync(join(dir, 'runbook.ts'), runbook);
  const used = Object.keys(channels).map(
    (kind) => `${kind}: { kind: '${kind}', key: '\${KEY}', receives: ['incidents', 'heartbeat'] }`,
  );
  const config = read('test/projects/minimal/siaga.config.ts')
    .replace('http://127.0.0.1:9', `http://127.0.0.1:${port}`)
    .replace('targets: [local]', `targets: [local], channels: { ${used.join(', ')} }`);
  writeFileSync(join(dir, 'siaga.config.ts'), config);
  ended = await startSiaga(['check'], { dir, env: { KEY: secret } }).ended;
  const [run = ''] = readdirSync(join(dir, 'reports'));
  const text = readFileSync(join(dir, 'reports', run, 'events.ndjson'), 'utf8');
  events = text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as SiagaEvent);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => {
    server.close(closed);
  });
  rmSync(dir, { recursive: true, force: true });
});

const of = <T extends EventType>(type: T) => ofType(events, type).map(({ data }) => data);

test('a round ends with the verdict of what was measured, whatever its own parts do', () => {
  expect([ended.code, ended.signal]).toEqual([0, null]);
  expect(of('run.finished')).toMatchObject([{ verdict: 'passed' }]);
  expect(ended.stderr).toContain(
    'siaga: the source floats threw where nobody waited for it: late [redacted]',
  );
});

test('a source that yields no number is told as not measured, and why', () => {
  const [round] = of('round.measured');
  const told = Object.fromEntries(
    round?.signals.flatMap(({ signal, why }) => (why === undefined ? [] : [[signal, why]])) ?? [],
  );
  const expected = Object.entries(sources).flatMap(([name, [, why]]) =>
    why === undefined ? [] : [[`own.${name}`, `source ${name}: ${why}`] as const],
  );
  expect(told).toEqual(Object.fromEntries(expected));
  for (const [, why] of expected) expect(ended.stdout).toContain(`not measured: ${why}`);
  const problems = of('run.problem').map(({ message }) => message);
  expect(problems.toSorted()).toEqual(expected.map(([, why]) => why).toSorted());
});

test('what a command left behind is ended', () => {
  const child = Number(readFileSync(join(dir, 'child'), 'utf8'));
  expect(stateOf(child)).toMatch(/^[ZX]?$/);
});

test('a channel that does not send is tried again, and its reason is safe to paste', () => {
  for (const [name, [, why]] of Object.entries(channels)) {
    const failed = of('message.failed').filter((data) => data.channel === name);
    expect(failed.map(({ reason }) => reason)).toEqual([why]);
    expect(of('message.delivered').filter((data) => data.channel === name)).toMatchObject([{ attempt: 2 }]);
  }
});

test('its secret is nowhere', () => {
  const files = readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const holding = files
    .filter(({ parentPath, name }) => readFileSync(join(parentPath, name), 'latin1').includes(secret))
    .map(({ name }) => name);
  // The source itself is written so by this test.
  expect(holding).toEqual(['floats.ts']);
  expect(`${ended.stdout}${ended.stderr}`).not.toContain(secret);
});

/** The state of a process, `Z` for a zombie; empty where there is none. */
function stateOf(pid: number): string {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3);
  } catch {
    return '';
  }
}
