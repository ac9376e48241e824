import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { SiagaError } from '../../kernel/errors.ts';
import type { ErrorFacts } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import { moduleUrl } from '../../kernel/place.ts';
import type { Progress } from '../../kernel/ports.ts';
import { packageRoot } from '../context.ts';
import type { Environment } from '../types.ts';
import type { OnSpawn } from './part.ts';
import { programsIn } from './places.ts';
import { togglesIn } from './toggles.ts';
import type { ReferenceStatus } from './status.ts';
import { printed } from '../../kernel/printed.ts';

/** What the helper writes, a line of JSON each. */
export type HelperLine =
  | { readonly kind: 'progress'; readonly line: string }
  | { readonly kind: 'spawned'; readonly pid: number; readonly name: string }
  | { readonly kind: 'done'; readonly status: ReferenceStatus }
  | { readonly kind: 'failed'; readonly code: string; readonly facts: ErrorFacts };

export interface ApartOrder {
  readonly projectDir: string;
  /** The environment from which the toggles are taken. */
  readonly env: Environment;
  readonly progress: Progress;
  /** Told of the part that was started. */
  readonly onSpawn: OnSpawn;
  /** Told of the process that restarts it, the moment it exists. */
  readonly onChange?: ((pid: number) => void) | undefined;
}

/**
 * Restarts the API in a process of its own session: a caller that is killed between stop and start would
 * otherwise leave the system without its API.
 * @throws {SiagaError} `reference-not-shipped` (exit 2), what the restart threw, or `restart-cut-off` (exit 3) where its process was ended.
 */
export async function restartApart({
  projectDir,
  env,
  progress,
  onSpawn,
  onChange,
}: ApartOrder): Promise<ReferenceStatus> {
  programsIn(packageRoot);
  const entry = fileURLToPath(moduleUrl('tools/reference/restart-main'));
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', entry, projectDir], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
    env: togglesIn(env),
  });
  child.on('error', () => {});
  if (child.pid !== undefined) onChange?.(child.pid);
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
