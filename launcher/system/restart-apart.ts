import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SiagaError } from '../../src/kernel/errors.ts';
import type { ErrorFacts } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import type { ApartOrder } from '../../src/run/launcher.ts';
import { togglesIn } from './toggles.ts';
import type { SystemStatus } from './status.ts';
import { printed } from '../../src/kernel/printed.ts';

/** What the helper writes, a line of JSON each. */
export type HelperLine =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'spawned'; readonly pid: number; readonly name: string }
  | { readonly kind: 'done'; readonly status: SystemStatus }
  | { readonly kind: 'failed'; readonly code: string; readonly facts: ErrorFacts };

/** What the helper waits for: until it is known elsewhere, it must not outlive its caller. */
export const goAhead = 'go';

/** Restarts the API in a process of its own session. */
export async function restartApart({
  projectDir,
  env,
  progress,
  onSpawn,
  onChange,
}: ApartOrder): Promise<SystemStatus> {
  const entry = fileURLToPath(new URL('restart-main.ts', import.meta.url));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, projectDir], {
    detached: true,
    stdio: ['pipe', 'pipe', 'ignore'],
    env: togglesIn(env),
  });
  child.on('error', () => {});
  child.stdin.on('error', () => {});
  if (child.pid !== undefined) await onChange?.(child.pid);
  child.stdin.end(goAhead);
  for await (const text of createInterface({ input: child.stdout })) {
    const line = JSON.parse(text) as HelperLine;
    if (line.kind === 'done') return line.status;
    if (line.kind === 'failed') throw new SiagaError(line.code, line.facts);
    if (line.kind === 'spawned') onSpawn(line.pid, line.name);
    else progress(line.line);
  }
  throw new SiagaError('restart-cut-off', {
    what: 'the process that restarted the API ended before it was done',
    hint: `${printed('reference status')} says what runs, ${printed('reference restart')} tries again`,
    exitCode: exit.inconclusive,
  });
}
