import { setTimeout as sleep } from 'node:timers/promises';
import type { BreakableProcess, ProcessFaults, ProcessInjection } from '../../chaos/ports.ts';
import type { Effect, ReadBack, Undone } from '../../effect/contract.ts';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { exit } from '../../kernel/exit.ts';
import { type ProcessId, isAlive, stateOf } from '../../tools/process.ts';
import { runCommand } from '../toggle-command.ts';
import { findProcess } from './find-process.ts';

type Restart = NonNullable<BreakableProcess['restart']>;

/** Processes of one target that may be frozen and killed: these, and no others. */
export function processFaults(places: readonly BreakableProcess[]): ProcessFaults {
  return {
    async prepare({ process: name, fault }: ProcessInjection): Promise<Effect> {
      const place = places.find((each) => each.name === name);
      if (place === undefined) throw unnamed(name, places);
      const found = findProcess(place);
      switch (fault.kind) {
        case 'frozen':
          return frozen(place, found);
        case 'killed':
          return killed(place, found);
        default:
          return fault satisfies never;
      }
    },
  };
}

function frozen({ name }: BreakableProcess, process: ProcessId): Effect {
  if (isStopped(process)) throw alreadyStopped(name, process);
  return {
    recipe: { replay: 'process', process, signal: 'SIGCONT' },
    async inject() {
      send(process, 'SIGSTOP');
      if (await comes(() => isStopped(process))) return { pid: process.pid, state: 'stopped' };
      throw notSet(name, `process ${process.pid} did not stop`);
    },
    confirm: async () => frozenAsSet(process),
    undo: () => continueProcess(process),
  };
}

function frozenAsSet(process: ProcessId): ReadBack {
  if (!isAlive(process)) return { state: 'gone', why: `process ${process.pid} has ended` };
  return isStopped(process)
    ? { state: 'as-set' }
    : { state: 'gone', why: `process ${process.pid} runs again` };
}

/** Lets a stopped process go on. Never rejects. */
export async function continueProcess(process: ProcessId): Promise<Undone> {
  if (!isAlive(process)) return { done: true, step: 'process-gone' };
  if (!isStopped(process)) return { done: true, step: 'already-gone' };
  try {
    send(process, 'SIGCONT');
  } catch (error) {
    return { done: false, why: 'other', tried: [`SIGCONT: ${messageOf(error)}`] };
  }
  if (await comes(() => !isStopped(process))) return { done: true, step: 'continued' };
  return { done: false, why: 'left', tried: [`SIGCONT: process ${process.pid} still stands`] };
}

function killed(place: BreakableProcess, process: ProcessId): Effect {
  const { restart } = place;
  if (restart === undefined) throw noRestart(place);
  return {
    ...(!place.endsWithRun && { recipe: { ...restart, unless: process, step: 'restarted' } }),
    async inject() {
      send(process, 'SIGKILL');
      if (await comes(() => !isAlive(process))) return { pid: process.pid, state: 'ended' };
      throw notSet(place.name, `process ${process.pid} did not end`);
    },
    async confirm() {
      const other = successorOf(place);
      return other === undefined
        ? { state: 'as-set' }
        : { state: 'gone', why: `process ${other.pid} took its place` };
    },
    undo: () => startAgain(place, restart),
  };
}

async function startAgain(place: BreakableProcess, restart: Restart): Promise<Undone> {
  if (successorOf(place) !== undefined) return { done: true, step: 'already-gone' };
  try {
    await runCommand({
      ...restart,
      env: { ...process.env, ...restart.env },
      purpose: `starts ${place.name} again`,
    });
  } catch (error) {
    return { done: false, why: 'other', tried: [messageOf(error)] };
  }
  if (await comes(() => successorOf(place) !== undefined)) return { done: true, step: 'restarted' };
  return { done: false, why: 'left', tried: [`${restart.command.join(' ')}: no process took its place`] };
}

/** Whoever is now where the process was; `undefined` while nobody is. */
function successorOf(place: BreakableProcess): ProcessId | undefined {
  try {
    return findProcess(place);
  } catch {
    return undefined;
  }
}

const isStopped = (process: ProcessId): boolean => ['T', 't'].includes(stateOf(process) ?? '');

// Never another process that has got its number.
function send(target: ProcessId, signal: NodeJS.Signals): void {
  if (isAlive(target)) process.kill(target.pid, signal);
}

const atMostMs = 2_000;

/** A signal has its effect a moment after it was sent. */
async function comes(condition: () => boolean): Promise<boolean> {
  const deadline = performance.now() + atMostMs;
  while (!condition()) {
    if (performance.now() > deadline) return false;
    await sleep(10);
  }
  return true;
}

function unnamed(name: string, places: readonly BreakableProcess[]): SiagaError {
  return new SiagaError('unknown-process', {
    what: 'the target names no process like this',
    where: 'siaga.config.ts',
    got: name,
    allowed: places.map((each) => each.name).join(', ') || 'none: it names no processes',
    exitCode: exit.usage,
  });
}

function noRestart({ name }: BreakableProcess): SiagaError {
  return new SiagaError('no-restart', {
    what: `nothing starts the process ${name} again once it is killed`,
    where: `siaga.config.ts, processes.${name}`,
    got: 'no restart',
    allowed: "restart: { command: ['systemctl', 'start', 'shop'], timeout: '30s' }",
    exitCode: exit.usage,
  });
}

function alreadyStopped(name: string, { pid }: ProcessId): SiagaError {
  return new SiagaError('process-stopped', {
    what: `the process ${name} stands still already`,
    got: `process ${pid} is stopped`,
    allowed: 'one that runs',
    hint: 'where an earlier run left it so: chaos heal',
    exitCode: exit.inconclusive,
  });
}

function notSet(name: string, got: string): SiagaError {
  return new SiagaError('fault-not-set', {
    what: `the fault of the process ${name} did not read back as it was set`,
    got,
    exitCode: exit.inconclusive,
  });
}
