import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import type { Progress } from '../../src/kernel/ports.ts';
import { provisionContext } from '../../src/tools/context.ts';
import { withLock } from '../../src/tools/lock.ts';
import { identify, isAlive } from '../../src/tools/process.ts';
import type {
  OnSpawn,
  ReferenceOptions,
  RunningReference,
  UpOptions,
  UpResult,
} from '../../src/run/launcher.ts';
import { placesOf } from './places.ts';
import type { Places } from './places.ts';
import { partNames, readState, writeState } from './state.ts';
import type { PartName, ReferenceState } from './state.ts';
import { deadParts, statusOf } from './status.ts';
import type { DeadPart, SystemStatus } from './status.ts';
import { partsOf, stopAll, stopOrphans } from './stop.ts';
import { togglesIn } from './toggles.ts';
import { printed } from '../../src/kernel/printed.ts';
import { makePrivateFolder } from '../../src/tools/private.ts';

/** A demonstration nobody waits ten minutes for: its windows run thirty times as fast unless told otherwise. */
export const referenceSpeed = 30;

interface SystemUp extends UpResult {
  readonly status: SystemStatus;
}

interface RunningSystem extends RunningReference {
  readonly status: SystemStatus;
}

/** Starts the reference system for a person: it stays until `referenceDown`. */
export async function referenceUp(options: UpOptions): Promise<SystemUp> {
  const places = placesOf(options.projectDir);
  return locked(places, options.progress, async () => {
    const { started, state } = await useOrStart(places, options, 'person');
    if (state.startedFor === 'command') writeState(places.state, { ...state, startedFor: 'person' });
    return { started, status: await statusOf(places) };
  });
}

/** Stops it, also where somebody deleted what was known of it. Resolves with whether there was something to stop. */
export async function referenceDown({ projectDir, progress }: ReferenceOptions): Promise<boolean> {
  const places = placesOf(projectDir);
  if (!readState(places.state)) return endOrphans(projectDir, progress);
  return locked(places, progress, async () => {
    const state = readState(places.state);
    if (state) await stopAll(places, state);
    return state !== undefined;
  });
}

/** Ends the parts of one of which nothing is known any more. Resolves with whether there were any. */
export async function endOrphans(projectDir: string, progress: Progress): Promise<boolean> {
  const places = placesOf(projectDir);
  if (readState(places.state) || partsOf(places).length === 0) return false;
  return locked(places, progress, async () => {
    // A start that was under way has written it down by now.
    if (readState(places.state) || partsOf(places).length === 0) return false;
    progress('reference: ending the parts of one whose state was deleted');
    await stopOrphans(places);
    return true;
  });
}

export function referenceStatus(projectDir: string): Promise<SystemStatus> {
  return statusOf(placesOf(projectDir));
}

/** Restarts a part. The toggles in `env` replace the remembered ones. */
export async function referenceRestart(options: ReferenceOptions, name: string): Promise<SystemStatus> {
  const part = partOf(name);
  const places = placesOf(options.projectDir);
  return locked(places, options.progress, async () => {
    const state = readState(places.state);
    if (state?.phase !== 'running') throw notRunning(places);
    const toggles = togglesIn(options.env);
    const { restartPart } = await import('./restart.ts');
    await restartPart({ places, state, part, toggles, ...hooks(options) });
    return statusOf(places);
  });
}

/** Uses the reference system that runs, or starts one and stops it afterwards. */
export async function ensureReference(options: UpOptions): Promise<RunningSystem> {
  const places = placesOf(options.projectDir);
  return locked(places, options.progress, async () => {
    const { started, state } = await useOrStart(places, options, 'command');
    const user = enter(places);
    return {
      status: await statusOf(places),
      adminToken: state.adminToken,
      startedHere: started,
      stop: () => leave(places, user, options.progress),
    };
  });
}

/** The admin token of a running reference system. A secret: never print it. */
export function referenceAdminToken(projectDir: string): string | undefined {
  return readState(placesOf(projectDir).state)?.adminToken;
}

async function useOrStart(places: Places, options: UpOptions, startedFor: ReferenceState['startedFor']) {
  const found = await usable(places, options.progress);
  if (found) {
    if (options.speed !== undefined && options.speed !== found.speed)
      throw otherSpeed(found.speed, options.speed);
    return { started: false, state: found };
  }
  const { env, progress, owner, port, speed = referenceSpeed } = options;
  const context = provisionContext({ env, progress, cwd: options.projectDir, signal: options.signal });
  const order = { places, context, speed, port, startedFor, owner, ...hooks(options) };
  // Most runs find a system that runs: what starts one is read when one is started.
  const { startSystem } = await import('./start.ts');
  return { started: true, state: await startSystem(order) };
}

// What a dead run left, or what lost a part, is cleared away: half a system is worse than none.
async function usable(places: Places, progress: Progress): Promise<ReferenceState | undefined> {
  const state = readState(places.state);
  if (!state) return undefined;
  const dead = await deadParts(state);
  if (state.phase === 'running' && dead.length === 0) return state;
  if (state.phase === 'running' && Object.values(state.parts).every((part) => isAlive(part.process))) {
    throw mute(places, dead);
  }
  const why = dead.map(({ part, reason }) => `${part}: ${reason}`).join('; ') || 'its start was cut off';
  progress(`reference: stopping the remains of an earlier one (${why})`);
  await stopAll(places, state);
  return undefined;
}

// Alive but silent may be a system under somebody's experiment: only a person may decide to end it.
function mute({ logs }: Places, dead: readonly DeadPart[]): SiagaError {
  return new SiagaError('reference-mute', {
    what: 'a reference system runs here and does not answer',
    where: logs,
    got: dead.map(({ part, reason }) => `${part}: ${reason}`).join('; '),
    hint: `${printed('reference restart')}, or ${printed('reference down')}`,
    exitCode: exit.inconclusive,
  });
}

let uses = 0;

function enter({ users }: Places): string {
  makePrivateFolder(users);
  const file = join(users, `${process.pid}.${uses++}`);
  writeFileSync(file, identify(process.pid).startTime, { mode: 0o600 });
  return file;
}

async function leave(places: Places, user: string, progress: Progress): Promise<boolean> {
  return locked(places, progress, async () => {
    rmSync(user, { force: true });
    const state = readState(places.state);
    if (state?.startedFor !== 'command' || hasUsers(places)) return false;
    await stopAll(places, state);
    return true;
  });
}

function hasUsers({ users }: Places): boolean {
  return readdirSync(users, { withFileTypes: true }).some((file) => isLiveUser(users, file.name));
}

function isLiveUser(users: string, name: string): boolean {
  const pid = Number(name.split('.')[0]);
  return isAlive({ pid, startTime: readFileSync(join(users, name), 'utf8') });
}

function hooks({ onSpawn, signal }: ReferenceOptions): { onSpawn: OnSpawn; signal: AbortSignal } {
  return { onSpawn: onSpawn ?? (() => {}), signal: signal ?? new AbortController().signal };
}

function locked<T>(places: Places, progress: Progress, work: () => Promise<T>): Promise<T> {
  const onWait = (holder: string) =>
    progress(`reference: waiting for ${holder}, which is starting or stopping it`);
  return withLock(places.lock, { onWait, timeoutMs: 120_000 }, work);
}

function partOf(name: string): PartName {
  const part = partNames.find((each) => each === name);
  if (part !== undefined) return part;
  throw new SiagaError('part-unknown', {
    what: 'the reference system has no such part',
    where: 'reference restart',
    got: name,
    allowed: partNames.join(', '),
    exitCode: exit.usage,
  });
}

function otherSpeed(running: number, wanted: number): SiagaError {
  return new SiagaError('reference-speed', {
    what: 'the reference system runs at another speed',
    got: `running at ${running}, wanted ${wanted}`,
    hint: `${printed('reference down')}, then ${printed(`reference up --speed ${wanted}`)}`,
    exitCode: exit.usage,
  });
}

function notRunning({ folder }: Places): SiagaError {
  return new SiagaError('reference-not-running', {
    what: 'no reference system runs here',
    where: folder,
    hint: `start one with ${printed('reference up')}`,
    exitCode: exit.inconclusive,
  });
}
