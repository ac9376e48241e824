import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../../../kernel/errors.ts';
import { ofRun } from '../../../chaos/leftovers.ts';
import type { Undone } from '../../../chaos/ports.ts';
import type { Pending, Recipe, Settled } from '../../../effect/recipe.ts';
import type { ReplayContext, Replayer } from '../../../guard/policy.ts';
import { toxiproxyUndo } from '../../toxiproxy/faults.ts';
import type { ToxiproxyUndo } from '../../toxiproxy/faults.ts';
import { isRefusal } from '../../toxiproxy/http.ts';

// A request of the dead runner may still be on its way: look again, and keep the lease until nothing more comes.
const earlyPassesMs = [0, 100, 250, 450];
const lastPassMs = 700;

// A healthy answer takes about 1 ms. Whoever is not gentle enough for a busy machine closes connections, no more;
// one that waits for a wedged Toxiproxy misses the two seconds.
const patience = { gentleMs: 400, callMs: 700 };

/** Undoes the faults of a dead runner, and gives up its leases. */
export function toxiproxyReplayer({ all }: Pick<ReplayContext, 'all'>): Replayer {
  const servers = new Map<string, Server>();
  const serverAt = (url: string): Server => {
    const server = servers.get(url) ?? new Server(url, all);
    servers.set(url, server);
    return server;
  };
  return {
    attempts: Infinity,
    async undo(pending) {
      const places = Map.groupBy(pending, ({ recipe }) => ('url' in recipe ? recipe.url : ''));
      const settled = await Promise.all([...places].map(([url, here]) => serverAt(url).undo(here)));
      return settled.flat();
    },
  };
}

type Fault = Pending & { readonly recipe: Extract<Recipe, { replay: 'toxiproxy' }> };
type Held = Pending & { readonly recipe: Extract<Recipe, { replay: 'toxiproxy-lease' }> };
const isFault = (pending: Pending): pending is Fault => pending.recipe.replay === 'toxiproxy';
const isLease = (pending: Pending): pending is Held => pending.recipe.replay === 'toxiproxy-lease';

/** One Toxiproxy, and what is left in it. */
class Server {
  readonly #url: string;
  readonly #leases: readonly Held[];
  readonly #port: ToxiproxyUndo;
  readonly #began = performance.now();
  readonly #passesMs = [...earlyPassesMs];
  readonly #ends = new Map<string, Undone>();
  #restarted = false;

  constructor(url: string, all: readonly Pending[]) {
    this.#url = url;
    this.#leases = all.filter(isLease).filter(({ recipe }) => recipe.url === url);
    const known = this.#leases.flatMap(({ recipe }) => recipe.known);
    const faults = all.filter(isFault).filter(({ recipe }) => recipe.url === url);
    const deleted = faults.flatMap(({ recipe }) => recipe.deleted ?? []);
    this.#port = toxiproxyUndo(url, { known, deleted, patience });
  }

  async undo(pending: readonly Pending[]): Promise<readonly Settled[]> {
    const faults = pending.filter(isFault);
    for (let at = this.#passesMs.shift(); at !== undefined; at = this.#passesMs.shift()) {
      await this.#until(at);
      await this.#pass(faults);
    }
    await this.#until(lastPassMs);
    await this.#undoAll(faults);
    const left = await Promise.all(pending.filter(isLease).map((lease) => this.#release(lease)));
    return [...faults.map((fault) => this.#endOf(fault)), ...left];
  }

  async #until(ms: number): Promise<void> {
    await sleep(Math.max(0, ms - (performance.now() - this.#began)));
  }

  async #pass(faults: readonly Fault[]): Promise<void> {
    if (!(await this.#undoAll(faults))) return;
    // Nobody listening may mean that somebody restarts it.
    await Promise.all(this.#leases.map((lease) => this.#undoLeft(lease, false).catch(() => [])));
  }

  /** @returns false where Toxiproxy does not answer any more: it would only hang again. */
  async #undoAll(faults: readonly Fault[]): Promise<boolean> {
    // Each proxy for itself, so that a wedged one keeps no other waiting.
    const proxies = Map.groupBy(faults, ({ recipe }) => recipe.proxy);
    const answered = await Promise.all([...proxies.values()].map((group) => this.#undoEach(group)));
    if (!answered.includes(false)) return true;
    return this.#restart(faults);
  }

  async #undoEach(faults: readonly Fault[]): Promise<boolean> {
    for (const { id, recipe } of faults) {
      const undone = await this.#port.undo(recipe.proxy, recipe.toxics);
      const earlier = this.#ends.get(id);
      if (earlier?.done !== true || stepOf(undone) !== 'already-gone') this.#ends.set(id, undone);
      if (isMute(undone)) return false;
    }
    return true;
  }

  /** The last step, for servers that are ours to restart. */
  async #restart(faults: readonly Fault[]): Promise<boolean> {
    const projectDir = this.#leases.at(-1)?.recipe.projectDir;
    if (projectDir === undefined || this.#restarted) return false;
    const { restartServer } = await import('./restart-server.ts');
    const known = this.#leases.flatMap(({ recipe }) => recipe.known);
    this.#restarted = await restartServer(projectDir, this.#url, known);
    if (!this.#restarted) return false;
    for (const { id, recipe } of faults) {
      const undone = await this.#port.undo(recipe.proxy, recipe.toxics);
      this.#ends.set(id, undone.done ? { done: true, step: 'server-restarted' } : undone);
    }
    return true;
  }

  #undoLeft({ recipe }: Held, lease: boolean) {
    const mine = ofRun(recipe.run);
    return this.#port.undoLeft((leftover) => mine(leftover) && (lease || leftover.kind !== 'lease'));
  }

  async #release(lease: Held): Promise<Settled> {
    const { id } = lease;
    try {
      const undone = await this.#undoLeft(lease, true);
      const tried = undone.flatMap(({ undone: each }) => (each.done ? [] : each.tried));
      return tried.length === 0 ? { id, outcome: 'already-gone' } : { id, outcome: 'stuck', tried };
    } catch (error) {
      // Nobody listens any more: its faults ended with it, perhaps as one of the runner's own children.
      if (isRefusal(error)) return { id, outcome: 'already-gone' };
      return { id, outcome: 'stuck', tried: [messageOf(error)] };
    }
  }

  #endOf({ id }: Fault): Settled {
    const end = this.#ends.get(id);
    if (end?.done === false) return { id, outcome: 'stuck', tried: end.tried };
    if (end === undefined || end.step === 'already-gone') return { id, outcome: 'already-gone' };
    return { id, outcome: 'undone', step: end.step };
  }
}

const stepOf = (undone: Undone) => (undone.done ? undone.step : undefined);

// A new connection while a toxic is being removed in vain keeps even the proxy from being deleted: nothing is
// answered any more, and only a restart helps.
const isMute = (undone: Undone): boolean => !undone.done && undone.why === 'silent';
