import { callMeter } from '../../../src/adapter/chaos/call-meter.ts';
import { dependencyProbe } from '../../../src/adapter/chaos/probe.ts';
import { startGuard } from '../../../src/adapter/guard/launch.ts';
import { createHttpProbe } from '../../../src/adapter/http.ts';
import { actuatorOf } from '../../../src/adapter/toggle-method.ts';
import { bootId, systemClock } from '../../../src/adapter/system.ts';
import { ownFaults } from '../../../src/adapter/effect/own.ts';
import { processFaults } from '../../../src/adapter/effect/process.ts';
import { toxiproxyFaults } from '../../../src/adapter/toxiproxy/faults.ts';
import type { ExperimentContext } from '../../../src/chaos/context.ts';
import { type AnyCheck, defineCheck } from '../../../src/check/definition.ts';
import type { CheckFinished } from '../../../src/event/catalogue.ts';
import type { JudgeSpec, SignalSpec } from '../../../src/event/specs.ts';
import type { Journal } from '../../../src/event/envelope.ts';
import { memoryJournal } from '../../../src/store/memory.ts';
import { toggleDriver } from '../../../src/effect/toggle/driver.ts';
import type { ToggleDriver } from '../../../src/effect/toggle/driver.ts';
import type { ToggleMethod } from '../../../src/toggle/method.ts';
import { normalToggles } from './shop.ts';
import type { Dependency } from '../../../src/project/target.ts';
import type { ResolvedProcess } from '../../../src/chaos/permission.ts';
import { toMs } from '../../../src/kernel/to-ms.ts';
import { withoutToxiproxy } from '../../../src/run/without-toxiproxy.ts';
import { hasEnded, identify, markOf } from '../../../src/tools/process.ts';

interface Price {
  readonly price: number;
  readonly degraded: boolean;
  readonly source: string;
}

/** What the shop is asked in the steady state and all through an experiment. */
export const price = defineCheck({
  name: 'price',
  tags: ['core'],
  every: '100ms',
  request: { path: '/price', timeout: '1s' },
  response: { status: 200 },
  states: {
    degraded: ({ body }: { body: unknown }) => (body as Price).degraded,
    source: ({ body }: { body: unknown }) => (body as Price).source,
    price: ({ body }: { body: unknown }) => (body as Price).price,
  },
});

export const source: Dependency = {
  probe: { kind: 'http', path: '/price' },
  calls: {
    count: { metric: 'shop_calls_total', labels: { dependency: 'source' } },
    errors: [{ metric: 'shop_calls_total', labels: { dependency: 'source', outcome: 'error' } }],
    duration: { metric: 'shop_call_seconds', labels: { dependency: 'source' } },
  },
};

const spec = (name: string): SignalSpec => ({
  name,
  title: name,
  requirements: [],
  unit: 'ms',
  source: 'server',
  minSamples: 1,
  severity: 'SEV-2',
  group: 'service',
  trigger: { statistic: 'p99', comparison: '>', value: 500, buckets: 1 },
  inhibits: [],
});

const judge: JudgeSpec = {
  runbook: 'shop',
  zone: 'UTC',
  speed: 30,
  bucketMs: 1_000,
  latenessMs: 200,
  signals: [spec('db.latency'), spec('rest.errors')],
  recovery: {
    holdBuckets: 1,
    restoreBuckets: 1,
    criteria: [],
    wholeHold: { signal: 'none', good: { statistic: 'rate', comparison: '<', value: 1 }, minRequests: 0 },
    maxUnknownInRow: 2,
    fallbackState: 'fallback',
    providerState: 'direct',
    coreChecks: [],
    deadlineMs: 10_000,
  },
  hardDown: { times: 2, withinMs: 15_000, severity: 'SEV-0' },
  reopenWithinMs: 1_000,
  flapping: { transitions: 3, withinMs: 1_000, maxHoldBuckets: 2 },
  blindAfterMs: 10_000,
  normalToggles: {},
};

export interface StageOptions {
  /** Absent: a target without one. */
  readonly toxiproxy?: string;
  readonly shop: string;
  readonly run?: string;
  readonly signal?: AbortSignal;
  readonly store?: { readonly path: string; readonly target: string };
  /** Files of a project's own faults, by kind. */
  readonly faults?: ReadonlyMap<string, string>;
  /** Processes that may be stopped; naming them allows it. */
  readonly processes?: Processes;
  /** How the shop's toggles are changed, by the guard too. Default: by its own endpoint, and not by the guard. */
  readonly method?: ToggleMethod;
}

type Processes = Readonly<Record<string, ResolvedProcess>>;

const allowed = (processes: Processes | undefined) => processes && ({ chaos: 'allowed', processes } as const);

const breakable = (processes: Processes = {}) =>
  Object.entries(processes).map(([name, { address, restart }]) => ({
    name,
    address,
    endsWithRun: false,
    ...(restart && {
      restart: {
        replay: 'command',
        command: restart.command,
        cwd: process.cwd(),
        env: {},
        timeoutMs: toMs(restart.timeout),
        secrets: [],
      } as const,
    }),
  }));

/** An experiment's context on real parts, with the shop asked every 100 ms while it lasts. */
export interface Stage extends AsyncDisposable {
  readonly context: ExperimentContext;
  readonly journal: Journal;
}

const platform = { clock: systemClock, hasEnded, identify, ownMark: () => markOf(process.pid) };

export async function setStage(options: StageOptions): Promise<Stage> {
  const run = options.run ?? 'run1';
  const journal = memoryJournal({ run, target: 'shop', clock: systemClock, boot: bootId });
  const guard = await startGuard({
    owner: run,
    env: process.env,
    ...(options.store && { store: options.store }),
  });
  const asking = setInterval(() => void askPrice(options.shop, journal), 100);
  return {
    journal,
    context: {
      journal,
      guard,
      clock: systemClock,
      faults: options.toxiproxy
        ? toxiproxyFaults(options.toxiproxy)
        : withoutToxiproxy({ journal, platform }),
      own: ownFaults({ dir: process.cwd(), files: options.faults ?? new Map(), owner: run, secrets: [] }),
      processes: processFaults(breakable(options.processes)),
      probes: dependencyProbe,
      calls: callMeter(`${options.shop}/metrics`),
      target: {
        name: 'shop',
        url: options.shop,
        proxies: { source, unused: source },
        ...allowed(options.processes),
      },
      runChecks: (checks: readonly AnyCheck[]) =>
        Promise.all(checks.map(() => askPrice(options.shop, journal))),
      toggles: options.method ? actuated(options.method) : togglesOf(options.shop),
      judge: { ...judge, normalToggles },
      signal: options.signal ?? new AbortController().signal,
    },
    async [Symbol.asyncDispose]() {
      clearInterval(asking);
      await guard.done();
    },
  };
}

function actuated(method: ToggleMethod): ToggleDriver {
  const http = createHttpProbe();
  const context = { http, clock: systemClock, env: process.env, progress: () => undefined };
  return toggleDriver({
    actuator: actuatorOf(method, context),
    clock: systemClock,
    normal: normalToggles,
    method,
  });
}

/** The shop's toggles as it tells and takes them. */
function togglesOf(shop: string): ToggleDriver {
  const call = async (init?: RequestInit) =>
    (await (await fetch(`${shop}/toggles`, init)).json()) as Readonly<Record<string, string>>;
  const actuator = {
    via: 'its own endpoint',
    place: `${shop}/toggles`,
    read: () => call(),
    async apply(values: Readonly<Record<string, string>>) {
      await call({ method: 'POST', body: JSON.stringify(values) });
    },
  };
  return toggleDriver({ actuator, clock: systemClock, normal: normalToggles });
}

async function askPrice(shop: string, journal: Journal): Promise<CheckFinished> {
  const began = performance.now();
  const answer = await fetch(`${shop}/price`, { signal: AbortSignal.timeout(1_000) })
    .then(async (response) => ({ status: response.status, body: (await response.json()) as Price }))
    .catch(() => undefined);
  const passed = answer?.status === 200;
  const data: CheckFinished = {
    check: 'price',
    title: 'price',
    tags: ['core'],
    outcome: passed ? 'passed' : 'failed',
    violations: passed
      ? []
      : [{ path: 'status', rule: 'answers 200', got: String(answer?.status ?? 'nothing'), allowed: '200' }],
    durationMs: performance.now() - began,
    latenessMs: 0,
    loopLagMs: 0,
    lane: 'shop',
    states: passed
      ? { degraded: answer.body.degraded, source: answer.body.source, price: answer.body.price }
      : {},
  };
  journal.append({ type: 'check.finished', data });
  return data;
}
