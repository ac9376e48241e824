import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import { startPart, stopPart } from './part.ts';
import type { OnSpawn } from '../../src/run/launcher.ts';
import type { Places } from './places.ts';
import { writeState } from './state.ts';
import type { Part, PartName, PartSpec, ReferenceState } from './state.ts';
import { withToggles } from './toggles.ts';
import { ensureProxy } from './toxiproxy.ts';
import { printed } from '../../src/kernel/printed.ts';

export interface RestartOrder {
  readonly places: Places;
  readonly state: ReferenceState;
  readonly part: PartName;
  /** Toggles that replace the remembered ones; only the API has any. */
  readonly toggles: Readonly<Record<string, string>>;
  readonly onSpawn: OnSpawn;
  readonly signal: AbortSignal;
}

const readyTimeoutMs = 20_000;

/**
 * Stops one part and starts it again on the same port. New toggles are remembered once the API is ready with them.
 * @throws {SiagaError} `reference-part-failed`, `reference-part-unknown` (exit 3).
 */
export async function restartPart(order: RestartOrder): Promise<ReferenceState> {
  const old = order.state.parts[order.part];
  if (!old) throw notOurs(order.part);
  if (!(await stopPart(old))) throw stuck(old);
  const toggles = { ...order.state.toggles, ...(order.part === 'api' ? order.toggles : {}) };
  let state = order.state;
  await startPart(respecified(old.spec, toggles), {
    onSpawn: order.onSpawn,
    onStarted: (part) => {
      state = { ...state, parts: { ...state.parts, [order.part]: part } };
      writeState(order.places.state, state);
    },
    timeoutMs: readyTimeoutMs,
    hint: `correct what the log says, then run ${printed(`reference restart ${order.part}`)}`,
    signal: order.signal,
  });
  if (order.part === 'toxiproxy') await createProxies(state);
  const remembered = { ...state, toggles };
  writeState(order.places.state, remembered);
  return remembered;
}

// What an earlier attempt was refused for must not come back with this one.
function respecified(spec: PartSpec, toggles: Readonly<Record<string, string>>): PartSpec {
  return spec.name === 'api' ? { ...spec, env: withToggles(spec.env, toggles) } : spec;
}

// Toxiproxy keeps its proxies in memory only; the API finds them where they were.
async function createProxies({ toxiproxy, proxies }: ReferenceState): Promise<void> {
  for (const [name, proxy] of Object.entries(proxies)) await ensureProxy(toxiproxy, name, proxy);
}

function notOurs(part: PartName): SiagaError {
  return new SiagaError('reference-part-unknown', {
    what: `${part} was not started here, so it cannot be restarted`,
    hint: 'it was given by URL; restart it where it runs',
    exitCode: exit.inconclusive,
  });
}

function stuck({ spec, process }: Part): SiagaError {
  return new SiagaError('reference-not-stopped', {
    what: `${spec.name} could not be stopped`,
    where: `process ${process.pid}`,
    exitCode: exit.inconclusive,
  });
}
