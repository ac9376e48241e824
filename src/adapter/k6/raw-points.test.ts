import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RawPoints } from './raw-points.ts';

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-raw-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('lines are kept in order, and a second load of the same name has a file of its own', async () => {
  const lines = Array.from({ length: 5_000 }, (_, n) => `{"n":${n}}`);
  for (const name of ['raw/smoke.json.gz', 'raw/smoke-2.json.gz']) {
    const raw = new RawPoints(folder, 'smoke');
    for (const line of lines) raw.write(line);
    expect(await raw.close()).toEqual({ raw: name });
    expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(gunzipSync(readFileSync(join(folder, name))).toString()).toBe(`${lines.join('\n')}\n`);
  }
});

test('a full disk costs the points and holds nobody up', async () => {
  const full = new Writable({
    write: (_chunk, _encoding, done) => done(new Error('ENOSPC: no space left on device')),
  });
  const raw = new RawPoints(folder, 'smoke', () => full);
  let held = false;
  raw.onFull(() => (held = true));
  raw.onDrain(() => (held = false));
  for (let n = 0; n < 20; n++) {
    raw.write(randomBytes(50_000).toString('hex'));
    await delay(5);
  }
  await expect.poll(() => held).toBe(false);
  expect(await raw.close()).toEqual({ rawProblem: 'ENOSPC: no space left on device' });
});
