import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SiagaError } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import type { Progress } from '../../kernel/ports.ts';
import { packageRoot, provisionContext } from '../context.ts';
import { withLock } from '../lock.ts';
import { identify, isAlive } from '../process.ts';
import type { Environment } from '../types.ts';
import type { OnSpawn } from './part.ts';
import { placesOf, programsIn } from './places.ts';
import type { Places } from './places.ts';
import { readState, writeState } from './state.ts';
import type { PartName, ReferenceState } from './state.ts';
import { deadParts, statusOf } from './status.ts';
import type { DeadPart, ReferenceStatus } from './status.ts';
import { partsOf, stopAll, stopOrphans } from './stop.ts';
import { togglesIn } from './toggles.ts';
import { printed } from '../../kernel/printed.ts';
import { makePrivateFolder } from '../private.ts';

export interface ReferenceOptions {
  /** The project whose `.siaga` folder holds state and logs. */
  readonly projectDir: string;
  readonly env: Environment;
  readonly progress: Progress;
  /** Ends a start that is under way and stops what it started. */
  readonly signal?: AbortSignal | undefined;
  /** Told of every process the moment it exists, so that a guard can own it. */
  readonly onSpawn?: OnSpawn | undefined;
  /** `SIAGA_OWNER` in the environment of every part; a random one where absent. */
  readonly owner?: string | undefined;
}

/** A demonstration nobody waits ten minutes for: its windows run thirty times as fast unless told otherwise. */
export const referenceSpeed = 30;

export interface UpOptions extends ReferenceOptions {
  /** 1 to 30. Absent: 30, or whatever a running one has. */
  readonly speed?: number | undefined;
  /** Port of the API. Absent: a free one. */
  readonly port?: number | undefined;
}

export interface UpResult {
  readonly started: boolean;
  readonly status: ReferenceStatus;
}

/**
 * Starts the reference system for a person: it stays until `referenceDown`.
 * One that runs already is left as it is.
 * @throws {SiagaError} `reference-speed` (exit 2) where one runs at another speed; exit 2 or 3 where it cannot start.
 */
export async function referenceUp(options: UpOptions): Promise<UpResult> {
  const places = placesOf(options.projectDir);
  return locked(places, options.progress, async () => {
    const { started, state } = await useOrStart(places, options, 'person');
    if (state.startedFor === 'command') writeState(places.state, { ...state, startedFor: 'person' });
    return { started, status: await statusOf(places) };
  });
}

/**
 * Stops it, also where somebody deleted what was known of it. Nothing running is fine. Resolves with whether there was
 * something to stop.
 */
export async function referenceDown({ projectDir, progress }: ReferenceOptions): Promise<boolean> {
  const places = placesOf(projectDir);
  if (!readState(places.state)) return endOrphans(projectDir, progress);
  return locked(places, progress, async () => {
    const state = readState(places.state);
    if (state) await stopAll(places, state);
    return state !== undefined;
  });
}

/**
 * Ends the parts of a reference system of this project of which nothing is known any more, because `.siaga` was deleted
 * while it ran. One that is known is left alone. Resolves with whether there were any.
 */
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

export function referenceStatus(projectDir: string): Promise<ReferenceStatus> {
  return statusOf(placesOf(projectDir));
}

/**
 * Restarts a part. The toggles in `env` replace the remembered ones, as editing an environment file and restarting
 * a container does.
 * @throws {SiagaError} `reference-not-running` (exit 3), `reference-part-failed` (exit 3).
 */
export async function referenceRestart(options: ReferenceOptions, part: PartName): Promise<ReferenceStatus> {
  const places = placesOf(options.projectDir);
  return locked(places, options.progress, async () => {
    const state = readState(places.state);
    if (state?.phase !== 'running') throw notRunning(places);
    const toggles = togglesIn(options.env);
    programsIn(packageRoot);
    const { restartPart } = await import('./restart.ts');
    await restartPart({ places, state, part, toggles, ...hooks(options) });
    return statusOf(places);
  });
}

export interface RunningReference {
  readonly status: ReferenceStatus;
  /** Bearer token of `status.admin`. A secret: never print it. */
  readonly adminToken: string;
  /** Whether this call started it, rather than finding it running. */
  readonly startedHere: boolean;
  /** Ends this use. What a command started is stopped when its last user has gone; resolves with whether it was. */
  stop(): Promise<boolean>;
}

/**
 * Uses the reference system that runs, or starts one and stops it afterwards.
 * @throws {SiagaError} as `referenceUp`.
 */
export async function ensureReference(options: UpOptions): Promise<RunningReference> {
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
  // Most runs find a system that runs, or have another target: what starts one is read when one is started. An
  // installed package does not hold it.
  programsIn(packageRoot);
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
