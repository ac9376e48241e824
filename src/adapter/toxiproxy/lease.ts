import { setTimeout as sleep } from 'node:timers/promises';
import { SiagaError, messageOf } from '../../kernel/errors.ts';
import { isOver } from '../../chaos/leftovers.ts';
import { leaseProxy, parseUpstream, slug, takeoverProxy, upstreamOf } from '../../chaos/names.ts';
import type { Holder } from '../../chaos/names.ts';
import type { Lease, LeaseDetails } from '../../chaos/ports.ts';
import { hasEnded, markOf } from '../../tools/process.ts';
import type { Client } from './client.ts';
import { printed } from '../../kernel/printed.ts';

/** A dead runner's target is free again this long after its last renewal. */
export const leaseMs = 30_000;
const renewEveryMs = 5_000;
const takeoverMs = 15_000;

// Never enabled, so nothing listens; port 0 keeps even a foreign /reset harmless.
const locked = (name: string, holder: Holder) => ({
  name,
  listen: '127.0.0.1:0',
  upstream: upstreamOf(holder),
  enabled: false,
});

export async function takeLease(client: Client, run: string, details: LeaseDetails = {}): Promise<Lease> {
  const holder = await claim(client, holderOf(run, details));
  const lost = new AbortController();
  const stop = new AbortController();
  const renewing = renew(client, holder, lost, stop.signal, details.onHeld);
  details.onHeld?.('taken', holder);
  return {
    holder,
    lost: lost.signal,
    async [Symbol.asyncDispose]() {
      stop.abort();
      await renewing;
      if (!lost.signal.aborted) await release(client, holder.run);
    },
  };
}

function holderOf(run: string, { experiment, guard }: LeaseDetails): Holder {
  return {
    run: slug(run),
    expiresAt: Date.now() + leaseMs,
    ...(experiment !== undefined && { experiment: slug(experiment) }),
    processes: [process.pid, ...(guard === undefined ? [] : [guard])].map(markOf),
  };
}

async function claim(client: Client, holder: Holder): Promise<Holder> {
  if (await client.create(locked(leaseProxy, holder))) return holder;
  const current = await readHolder(client);
  if (current && isOver(current, Date.now(), hasEnded)) return takeOver(client, current, holder);
  throw leased(client.url, current);
}

/**
 * Of all who saw the same expired lease, one creates the proxy named after it. It replaces the lease with one
 * update before it lets go, so whoever comes later finds another lease than the one it meant to replace.
 */
async function takeOver(client: Client, expired: Holder, holder: Holder): Promise<Holder> {
  const lock = takeoverProxy(expired);
  const mine = { run: holder.run, expiresAt: Date.now() + takeoverMs };
  if (!(await client.create(locked(lock, mine)))) throw leased(client.url, expired);
  try {
    const current = await readHolder(client);
    if (current && upstreamOf(current) !== upstreamOf(expired)) throw leased(client.url, current);
    if (current) await client.update(locked(leaseProxy, holder));
    else if (!(await client.create(locked(leaseProxy, holder))))
      throw leased(client.url, await readHolder(client));
    return holder;
  } finally {
    await client.deleteProxy(lock);
  }
}

async function renew(
  client: Client,
  first: Holder,
  lost: AbortController,
  stop: AbortSignal,
  onHeld?: LeaseDetails['onHeld'],
): Promise<void> {
  let held = first;
  while (await waited(renewEveryMs, stop)) {
    const next = { ...held, expiresAt: Date.now() + leaseMs };
    const problem = await renewOnce(client, held, next);
    if (problem === undefined) {
      held = next;
      onHeld?.('renewed', held);
    } else if (problem.final || Date.now() > held.expiresAt) return lost.abort(new Error(problem.why));
  }
}

/** Nothing where it worked. A call that failed may be repeated until the lease ends; a lease of others' not. */
async function renewOnce(client: Client, held: Holder, next: Holder) {
  if (Date.now() > held.expiresAt) return { final: true, why: 'the lease expired before it was renewed' };
  try {
    const current = await readHolder(client);
    if (current?.run !== held.run)
      return { final: true, why: `the lease is ${current ? `held by ${current.run}` : 'gone'}` };
    await client.update(locked(leaseProxy, next));
    return undefined;
  } catch (error) {
    return { final: false, why: `the lease could not be renewed: ${messageOf(error)}` };
  }
}

async function release(client: Client, run: string): Promise<void> {
  try {
    const current = await readHolder(client);
    if (current?.run === run) await client.deleteProxy(leaseProxy);
  } catch {
    // It expires by itself; the undo of the faults has been reported already.
  }
}

async function readHolder(client: Client): Promise<Holder | undefined> {
  const proxy = await client.get(leaseProxy);
  if (!proxy) return undefined;
  // A proxy of that name which carries no holder was not made by us: treated as held for ever.
  return parseUpstream(proxy.upstream) ?? { run: 'unknown', expiresAt: Number.MAX_SAFE_INTEGER };
}

async function waited(ms: number, stop: AbortSignal): Promise<boolean> {
  await sleep(ms, undefined, { signal: stop, ref: false }).catch(() => undefined);
  return !stop.aborted;
}

function leased(url: string, holder: Holder | undefined): SiagaError {
  const until =
    holder && holder.expiresAt < 8.64e15 ? new Date(holder.expiresAt).toISOString() : 'an unknown time';
  return new SiagaError('target-leased', {
    what: `another run holds this target: ${holder ? whoIs(holder) : 'one that just took it'}, until ${until} unless it renews`,
    where: url,
    allowed: 'one run at a time',
    hint: `wait for it, or undo what a crashed run left behind with: ${printed('chaos heal')}`,
    exitCode: 3,
  });
}

const whoIs = ({ run, experiment }: Holder): string =>
  experiment === undefined ? run : `${run} (experiment ${experiment})`;
