import { randomBytes } from 'node:crypto';
import { cpSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePort } from '../support/chaos/toxiproxy.ts';
import { startSiaga } from '../support/rig/siaga.ts';
import { root } from '../support/sources.ts';

// A secret for each place in which a user could put one; another one with each run of this test.
const fresh = (name: string): string => `${name}-${randomBytes(9).toString('hex')}`;
const odd = (name: string): string => `${fresh(name)}/+="<é&`;
const secrets = {
  SESS: odd('sess'),
  TOKEN: fresh('token'),
  LOAD_TOKEN: odd('load'),
  LITERAL: fresh('literal'),
  PATH_TOKEN: fresh('path'),
  SIG: fresh('sig'),
  ADMIN: fresh('admin'),
  OTHER: fresh('other'),
  HOOK_KEY: fresh('hook'),
  HOOK_BEARER: fresh('bearer'),
  BEAT: fresh('beat'),
  FROM_COMMAND_LINE: fresh('given'),
  DB_PASSWORD: fresh('db'),
  WAIT_USER: fresh('user'),
  WAIT_SIG: fresh('wait'),
} as const;
const { LITERAL, FROM_COMMAND_LINE, DB_PASSWORD, WAIT_USER, WAIT_SIG, ...env } = secrets;

/** Answers badly, and repeats everything that it knows in every way of writing. */
function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): void {
  const told = [url, ...Object.values(headers).map(String), ...Object.values(secrets)];
  const written = told.flatMap((text) => [
    text,
    encodeURIComponent(text),
    Buffer.from(text).toString('base64'),
    Buffer.from(text).toString('hex'),
  ]);
  response.writeHead(url.includes('/hook/') ? 403 : 500, {
    'content-type': 'application/json',
    'x-request-id': secrets.OTHER,
  });
  response.end(JSON.stringify({ fallback: false, token: secrets.TOKEN, error: written }));
}

const config = (port: number): string => `
import { defineConfig, defineTarget } from 'siaga';
const at = 'http://127.0.0.1:${port}';
const local = defineTarget({
  name: 'local', url: at + '/\${PATH_TOKEN}', chaos: 'forbidden', metrics: '/metrics',
  identity: {
    probe: { 'x-sess': '\${SESS_HEADER}', 'x-key': '${LITERAL}', authorization: 'Bearer \${TOKEN}' },
    load: { 'x-load': '\${LOAD_HEADER}' },
  },
  toggles: { read: { url: at + '/toggles?sig=\${SIG}', bearer: '\${ADMIN}' } },
  proxies: {},
});
const other = defineTarget({ name: 'other', url: 'https://me:\${OTHER}@other.example.com', proxies: {} });
export default defineConfig({
  targets: [local, other], defaultTarget: 'local',
  channels: { hook: { kind: 'webhook', url: at + '/hook/\${HOOK_KEY}', bearer: '\${HOOK_BEARER}', receives: ['incidents', 'monitoring', 'heartbeat'] } },
  heartbeat: at + '/beat/\${BEAT}',
});
`;

const scenario = `
import http from 'k6/http';
export const options = { scenarios: { smoke: { executor: 'constant-arrival-rate', rate: 10, duration: '2s', preAllocatedVUs: 4 } } };
export default function (): void {
  const answer = http.get(\`\${__ENV['SIAGA_TARGET_URL']}/hello?key=\${__ENV['GIVEN']}\`, { headers: JSON.parse(__ENV['SIAGA_HEADERS'] ?? '{}') });
  console.log(\`\${answer.body} \${__ENV['GIVEN']}\`);
  throw new Error(\`\${__ENV['GIVEN']} \${__ENV['SIAGA_HEADERS']} \${answer.body}\`);
}
`;

let dir: string;
let port: number;
const server = createServer(answer);
beforeAll(async () => {
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  ({ port } = server.address() as AddressInfo);
  dir = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-secrets-'));
  cpSync(join(root, 'test/projects/minimal'), dir, { recursive: true });
  rmSync(join(dir, 'chaos'), { recursive: true });
  writeFileSync(join(dir, 'siaga.config.ts'), config(port));
  writeFileSync(join(dir, 'scenarios', 'smoke.ts'), scenario);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => {
    server.close(closed);
  });
  rmSync(dir, { recursive: true, force: true });
});

function lineOf(pid: string | number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

/** The command lines of all processes but of the one in which they were typed, or which is about to become another. */
function commandLines(typed: number): readonly string[] {
  const own = lineOf(typed);
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
    .map(lineOf)
    .filter((line) => line !== own);
}

/** Everything that a command printed, wrote and showed in the list of processes. */
async function leftBy(args: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const github = { GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: join(dir, 'summary.md') };
  const headers = {
    SESS_HEADER: encodeURIComponent(secrets.SESS),
    LOAD_HEADER: encodeURIComponent(secrets.LOAD_TOKEN),
  };
  const siaga = startSiaga(args, { dir, env: { ...env, ...headers, ...github } });
  const seen = new Set<string>();
  const watching = setInterval(() => commandLines(siaga.pid).forEach((line) => seen.add(line)), 40);
  const { stdout, stderr, code } = await siaga.ended;
  clearInterval(watching);
  expect([1, 3], stderr).toContain(code);
  return new Map([['stdout', stdout], ['stderr', stderr], ['processes', [...seen].join('\n')], ...files()]);
}

function files(): readonly [string, string][] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== 'siaga.config.ts')
    .map((entry) => {
      const bytes = readFileSync(join(entry.parentPath, entry.name));
      return [entry.name, (entry.name.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8')];
    });
}

/** Where a secret stands, in whatever writing. */
function leaks(left: ReadonlyMap<string, string>): readonly string[] {
  return Object.entries(secrets).flatMap(([name, secret]) => {
    const random = /[0-9a-f]{18}/.exec(secret)?.[0] ?? '';
    const forms = [
      random,
      Buffer.from(secret).toString('base64').slice(0, 16),
      Buffer.from(random).toString('hex'),
    ];
    return [...left].flatMap(([place, text]) =>
      forms.some((form) => text.includes(form)) ? [`${name} in ${place}`] : [],
    );
  });
}

describe('hostile 3, 4, 8: a secret in any place stands in no output, no file and no list of processes', () => {
  it.each<[string, readonly string[]]>([
    ['a round of checks', ['check', '--no-stay']],
    ['a round as JSON', ['check', '--no-stay', '--json']],
    ['a load', ['load', 'smoke', '-e', `GIVEN=${FROM_COMMAND_LINE}`]],
  ])('of %s', async (_, args) => {
    const left = await leftBy(args);
    expect([...left.keys()]).toEqual(expect.arrayContaining(['events.ndjson', 'report.md', 'siaga.db']));
    expect(leaks(left)).toEqual([]);
  });

  it('of a gate, whose command lines hold some', async () => {
    const own = await freePort();
    const up = `DB_PASSWORD=${DB_PASSWORD} '${process.execPath}' -e "require('http').createServer((_, r) => r.end('ok')).listen(${own})"`;
    const wait = `http://${WAIT_USER}:pw@127.0.0.1:${own}/ready?sig=${WAIT_SIG}`;
    const left = await leftBy(['gate', '--up', up, '--wait', wait]);
    const gate = [...left].find(([name]) => name === 'gate.md')?.[1] ?? '';
    expect(gate).toContain('DB_PASSWORD=…');
    // The shell that runs the command is given it as it was typed.
    const others = leaks(left).filter((leak) => leak !== 'DB_PASSWORD in processes');
    expect(others).toEqual([]);
  });
});
