import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { provisionContext } from '../../../src/tools/context.ts';
import { provide } from '../../../src/tools/provide.ts';
import { toxiproxy } from '../../../src/tools/toxiproxy.ts';
import { referenceDown, referenceStatus, referenceUp } from '../../../launcher/system/reference.ts';

let folder: string;
let program: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-impostor-'));
  program = join(folder, 'toxiproxy-server');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function onPath(script: string): NodeJS.ProcessEnv {
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  return { ...process.env, PATH: `${folder}:${process.env['PATH']}` };
}

/** Whether the program still runs, under whatever number. */
const isRunning = (): boolean =>
  readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .some((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(program);
      } catch {
        return false;
      }
    });

describe('hostile: a program named toxiproxy-server on PATH', () => {
  it('that hangs is passed over, and told', async () => {
    const env = onPath(`exec tail -f ${program}`);
    const provided = await provide(
      toxiproxy,
      provisionContext({ env, cwd: folder, progress: () => undefined }),
    );
    expect(provided.location).not.toBe(program);
    expect(JSON.stringify(provided)).toContain('did not end within');
    expect(isRunning()).toBe(false);
  });

  it('that lies about what it is ends the start with what it did not do, and leaves nothing', async () => {
    const env = onPath(
      '[ "$1" = -version ] && echo "toxiproxy-server version 2.12.0" && exit; exec sleep 600',
    );
    const options = { projectDir: folder, env, progress: () => undefined };
    await expect(referenceUp(options)).rejects.toMatchObject({
      exitCode: 3,
      message: expect.stringContaining('toxiproxy'),
    });
    await referenceDown(options);
    expect(await referenceStatus(folder)).toMatchObject({ running: false });
    expect(isRunning()).toBe(false);
  });
});
