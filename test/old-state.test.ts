import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { envelopeOf, startSiaga } from './support/rig/siaga.ts';
import { root } from './support/sources.ts';

/** A message as the webhook gets it. */
interface Told {
  readonly message: string;
  readonly incident: string;
  readonly template: string;
}

const incident = 'INC-20261121-1851-zk0a';
const project = mkdtempSync(join(tmpdir(), 'siaga-old-state-'));
const told: Told[] = [];
// As when the state was written: every request fails, and messages arrive.
const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  if (request.url === '/hook') told.push(JSON.parse(text) as Told);
  response.writeHead(request.url === '/hook' ? 204 : 500).end();
});

beforeAll(async () => {
  await new Promise<void>((ready) => void server.listen(0, '127.0.0.1', ready));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  cpSync(join(root, 'test/projects/minimal'), project, { recursive: true });
  mkdirSync(join(project, 'node_modules'));
  symlinkSync(root, join(project, 'node_modules/siaga'));
  const config = join(project, 'siaga.config.ts');
  const channels = `channels: { hook: { kind: 'webhook', url: '${url}/hook' } }`;
  const text = readFileSync(config, 'utf8').replace('http://127.0.0.1:9', url);
  writeFileSync(config, text.replace('targets:', `${channels}, targets:`));
  mkdirSync(join(project, '.siaga'));
  const kept = readFileSync(join(root, 'test/data/written-by-f5ee1ed/open-incident.db.gz'));
  writeFileSync(join(project, '.siaga/siaga.db'), gunzipSync(kept));
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
  rmSync(project, { recursive: true });
});

test('an incident that the first version left open goes on as the same one, and nothing is told twice', async () => {
  const before = { message: `${incident}.hook.1`, template: 'DEGRADED' };
  for (const round of [1, 2]) {
    const siaga = startSiaga(['check', '--no-stay', '--json'], { dir: project });
    const { incidents, verdict } = envelopeOf(await siaga.ended);
    expect(verdict, `round ${round}`).toBe('failed');
    expect(incidents, `round ${round}`).toMatchObject([{ incident, severity: 'SEV-0', recoveredAt: null }]);
    expect(incidents).toHaveLength(1);
  }
  expect(told.map(({ message }) => message)).not.toContain(before.message);
  expect(told.map(({ template }) => template)).not.toContain(before.template);
  expect(told.every((message) => message.incident === incident)).toBe(true);
  expect(new Set(told.map(({ message }) => message)).size).toBe(told.length);
}, 120_000);
