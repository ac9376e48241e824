import { rmSync } from 'node:fs';
import { SiagaError, messageOf } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { removeContainers } from '../containers/engine.ts';
import { systemLabel } from '../containers/keeper.ts';
import { stopProcess, withEnvironment } from '../../src/tools/process.ts';
import type { ProcessId } from '../../src/kernel/ports.ts';
import { stopPart } from './part.ts';
import { homeOf } from './places.ts';
import type { Places } from './places.ts';
import { homeMark, mark } from './specs.ts';
import { removeState } from './state.ts';
import type { ReferenceState } from './state.ts';
import { deleteProxy } from './toxiproxy.ts';
import { printed } from '../../src/kernel/printed.ts';

/**
 * Stops every part and removes what a start leaves behind, apart from the logs.
 * @throws {SiagaError} `reference-not-stopped` (exit 3) where a process outlived SIGKILL; the state is then kept.
 */
export async function stopAll(places: Places, state: ReferenceState): Promise<void> {
  const { api, ...others } = state.parts;
  // The API first: it would only log how its dependencies leave it.
  const gone = [api ? await stopPart(api) : true];
  await leaveForeignServer(state);
  gone.push(...(await Promise.all(Object.values(others).map((part) => stopPart(part)))));
  // A start that was killed between starting a part and writing it down left the part without a record.
  const unrecorded = withEnvironment(mark, state.id);
  gone.push(...(await Promise.all(unrecorded.map((id) => stopProcess(id, 'SIGTERM', 1_000)))));
  if (gone.includes(false)) throw notStopped(places);
  await removeLeftContainers(state);
  if (state.disposable) rmSync(state.disposable, { recursive: true, force: true });
  rmSync(places.token, { force: true });
  rmSync(places.users, { recursive: true, force: true });
  removeState(places.state);
}

/** The parts of a system of this folder, by the mark in their environment: nothing else need be known of it. */
export const partsOf = (places: Places): readonly ProcessId[] => withEnvironment(homeMark, homeOf(places));

/**
 * Ends the parts of a system whose state is gone.
 * @throws {SiagaError} `reference-not-stopped` (exit 3) where one outlived SIGKILL.
 */
export async function stopOrphans(places: Places): Promise<void> {
  const ended = await Promise.all(partsOf(places).map((id) => stopProcess(id, 'SIGTERM', 5_000)));
  if (ended.includes(false)) throw notStopped(places);
}

// Keepers remove their own; one that was killed has a reaper, which may be killed too.
async function removeLeftContainers({ engine, id }: ReferenceState): Promise<void> {
  if (engine === undefined) return;
  try {
    await removeContainers(engine, { [systemLabel]: id });
  } catch (error) {
    // An engine that was stopped runs none.
    if (/ENOENT|ECONNREFUSED/.test(messageOf(error))) return;
    throw new SiagaError('containers-left', {
      what: 'the containers of the reference system could not be removed',
      where: engine,
      got: messageOf(error),
      hint: `run ${printed('reference down')} again once the engine answers`,
      exitCode: exit.inconclusive,
    });
  }
}

async function leaveForeignServer({ parts, toxiproxy, proxies }: ReferenceState): Promise<void> {
  if (parts.toxiproxy || toxiproxy === '') return;
  try {
    for (const name of Object.keys(proxies)) await deleteProxy(toxiproxy, name);
  } catch (error) {
    throw new SiagaError('proxies-left', {
      what: 'the proxies on the given Toxiproxy could not be removed',
      where: toxiproxy,
      got: messageOf(error),
      hint: `start that server again, then run ${printed('reference down')}`,
      exitCode: exit.inconclusive,
    });
  }
}

function notStopped({ logs }: Places): SiagaError {
  return new SiagaError('reference-not-stopped', {
    what: 'a part of the reference system could not be stopped',
    where: logs,
    hint: `it may belong to another user; run ${printed('reference down')} as that user`,
    exitCode: exit.inconclusive,
  });
}
