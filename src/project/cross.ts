import { type AnyExperiment, type OwnFaultPlan, hardDown } from '../chaos/definition.ts';
import { type AnyCheck, isSocketCheck } from '../check/definition.ts';
import type { AnyOwnFault } from '../chaos/own-fault.ts';
import { type Diagnostic, type Fault, inFile } from '../kernel/diagnostic.ts';
import { show, nearest } from '../kernel/nearest.ts';
import { toMs } from '../kernel/to-ms.ts';
import { known, member, wrong } from '../kernel/shape.ts';
import { parseCondition } from '../runbook/condition.ts';
import { holds } from '../runbook/holds.ts';
import { breakerRole, requestSignals } from '../runbook/roles.ts';
import { valueFaults } from '../runbook/toggle-rules.ts';
import type { Runbook } from '../runbook/types.ts';
import type { Judged } from './default-export.ts';
import { budgetFaults } from './budget.ts';
import type { Collected } from './collect.ts';
import type { Source } from '../sampling/source.ts';
import type { Config } from './target.ts';
import type { Scenario } from './types.ts';

/** The definitions of a project side by side. */
export interface Definitions {
  readonly runbook: Judged<Runbook>;
  readonly config: Judged<Config>;
  readonly checks: Collected<AnyCheck>;
  readonly experiments: Collected<AnyExperiment>;
  readonly sources: Collected<Source>;
  readonly faults: Pick<Collected<AnyOwnFault>, 'names' | 'complete'> & {
    readonly sound: readonly { readonly value: AnyOwnFault }[];
  };
  readonly scenarios: readonly Scenario[];
}

/** What is wrong between definitions: names that nothing carries, signals that nothing feeds, budgets that do not suffice. */
export function crossFaults(all: Definitions): readonly Diagnostic[] {
  const { runbook, config, checks, experiments } = all;
  return [
    ...checks.sound.flatMap(({ file, path, value }) => inFile(file, checkFaults(value, path, all))),
    ...experiments.sound.flatMap(({ file, path, value }) => inFile(file, experimentFaults(value, path, all))),
    ...(runbook.value === undefined ? [] : inFile(runbook.file, feedFaults(runbook.value, all))),
    ...(runbook.value === undefined ? [] : inFile(runbook.file, sourceNames(runbook.value, all))),
    ...(config.value === undefined
      ? []
      : inFile(
          config.file,
          budgetFaults(
            config.value,
            runbook.value,
            checks.sound.map(({ value }) => value),
          ),
        )),
  ];
}

function checkFaults(check: AnyCheck, path: string, { runbook, config }: Definitions): readonly Fault[] {
  const { samples = {}, unanswered = {} } = check;
  const signal = runbook.value && known('signal', Object.keys(runbook.value.signals));
  return [
    ...(signal ? Object.keys(samples).flatMap((name) => signal(name, member(`${path}.samples`, name))) : []),
    ...(signal
      ? Object.keys(unanswered.samples ?? {}).flatMap((name) =>
          signal(name, member(`${path}.unanswered.samples`, name)),
        )
      : []),
    ...(config.value ? detourFaults(check, path, proxiesOf(config.value)) : []),
    ...hourlyFaults(check, path),
    ...(runbook.value === undefined ? [] : timeoutFaults(check, path, runbook.value)),
  ];
}

// Cron starts a round some seconds earlier or later than an hour after the one before.
function hourlyFaults({ maxPerHour }: AnyCheck, path: string): readonly Fault[] {
  if (maxPerHour !== 1) return [];
  return [
    {
      level: 'warning',
      path: `${path}.maxPerHour`,
      message: 'an hourly round would find this limit used up every other time',
      got: '1 run in any hour',
      allowed: 'at least 2, for a round that begins a little earlier in its hour than the one before',
      hint: 'the last result of the check is kept until it is asked again',
    },
  ];
}

// What times out counts as having taken its timeout: below the trigger it says that all is fast.
function timeoutFaults(check: AnyCheck, path: string, runbook: Runbook): readonly Fault[] {
  const { latency, roundTrip } = requestSignals(runbook);
  const isSocket = isSocketCheck(check);
  if (!isSocket && check.counted === false) return [];
  const { timeout } = isSocket ? check.socket : check.request;
  const name = isSocket ? roundTrip : latency;
  const when = runbook.signals[name]?.trigger.when;
  const limit = when === undefined ? undefined : parseCondition(when);
  if (limit?.unit !== 'ms' || holds({ ...limit, statistic: 'max' }, toMs(timeout))) return [];
  return [
    {
      level: 'warning',
      path: `${path}.${isSocket ? 'socket' : 'request'}.timeout`,
      message: `an answer that is too slow for ${name} is given up before it counts as slow`,
      got: timeout,
      allowed: `a time that reaches the trigger of ${name}, ${when}`,
      hint: 'give the check more time: a timeout counts as an answer that took as long as it was waited for',
    },
  ];
}

function detourFaults(check: AnyCheck, path: string, proxies: readonly string[]): readonly Fault[] {
  if (isSocketCheck(check)) return [];
  return (['direct', 'past', 'through'] as const).flatMap((way) => {
    const proxy = check.request[way];
    return proxy === undefined ? [] : known('proxy', proxies)(proxy, `${path}.request.${way}`);
  });
}

const proxiesOf = ({ targets }: Config): readonly string[] => [
  ...new Set(targets.flatMap(({ proxies }) => Object.keys(proxies))),
];

function experimentFaults(experiment: AnyExperiment, path: string, all: Definitions): readonly Fault[] {
  return [
    ...targetFaults(experiment, path, all),
    ...checkNames(experiment, path, all),
    ...signalNames(experiment, path, all),
    ...missingRoles(experiment, path, all),
    ...toggleValues(experiment, path, all),
    ...known(
      'scenario',
      all.scenarios.map(({ name }) => name),
    )(experiment.load.scenario, `${path}.load.scenario`),
  ];
}

function targetFaults(
  { target, faults, load }: AnyExperiment,
  path: string,
  all: Definitions,
): readonly Fault[] {
  const { config } = all;
  if (config.value === undefined) return [];
  const found = config.value.targets.find(({ name }) => name === target.name);
  if (found === undefined) {
    return known(
      'target',
      config.value.targets.map(({ name }) => name),
    )(target.name, `${path}.target.name`);
  }
  const proxy = known('proxy', Object.keys(found.proxies));
  const process = known('process', Object.keys(found.processes ?? {}));
  const most = found.load?.maxRate ?? 20;
  return [
    ...faults.flatMap((plan, index) =>
      'proxy' in plan
        ? proxy(plan.proxy, `${path}.faults[${index}].proxy`)
        : 'process' in plan
          ? process(plan.process, `${path}.faults[${index}].process`)
          : ownFaults(plan, `${path}.faults[${index}].fault`, all),
    ),
    ...(load.rate > most
      ? [
          wrong(`${path}.load.rate`, `the target ${found.name} allows no such load`, {
            got: `${load.rate} a second`,
            allowed: `${most} a second at most`,
          }),
        ]
      : []),
    ...(found.production === true
      ? [
          wrong(`${path}.target`, 'production is never broken on purpose', {
            got: found.name,
            allowed: 'a target that is not production',
          }),
        ]
      : []),
  ];
}

// Only what stands in a file of its own can be undone by another process.
function ownFaults({ fault }: OwnFaultPlan, path: string, { faults }: Definitions): readonly Fault[] {
  const { definition, spec } = fault;
  if (!faults.complete || faults.sound.some(({ value }) => value === definition))
    return specFaults(definition, spec, path);
  return faults.names.includes(definition.kind)
    ? []
    : [
        wrong(path, 'this fault stands in no file of faults/', {
          got: definition.kind,
          allowed: faults.names.join(', ') || 'none: the folder defines no fault',
          hint: 'export it from a file in faults/: whoever undoes it after a crash finds it there',
        }),
      ];
}

function specFaults({ spec: schema, kind }: AnyOwnFault, given: unknown, path: string): readonly Fault[] {
  const result = schema?.['~standard'].validate(given);
  if (result instanceof Promise)
    return [wrong(path, `the schema of ${kind} answers later`, { allowed: 'a schema that answers at once' })];
  return (result?.issues ?? []).map(({ message }) => wrong(`${path}.spec`, message, { got: show(given) }));
}

function checkNames(
  { steadyState, watch = [] }: AnyExperiment,
  path: string,
  { checks }: Definitions,
): readonly Fault[] {
  if (!checks.complete) return [];
  const check = known('check', checks.names);
  return [
    ...steadyState.flatMap(({ name }, index) => check(name, `${path}.steadyState[${index}]`)),
    ...watch.flatMap(({ name }, index) => check(name, `${path}.watch[${index}]`)),
  ];
}

function signalNames(
  { expects, containWhen, during, after }: AnyExperiment,
  path: string,
  { runbook }: Definitions,
): readonly Fault[] {
  if (runbook.value === undefined) return [];
  const names = Object.keys(runbook.value.signals);
  const [signal, expected] = [known('signal', names), known('signal', [...names, hardDown])];
  return [
    ...expects.flatMap((name, index) => expected(name, `${path}.expects[${index}]`)),
    ...(containWhen === undefined ? [] : signal(containWhen, `${path}.containWhen`)),
    ...Object.entries({ during, after }).flatMap(([stage, expectations]) =>
      expectations.flatMap(({ observation: { signals = [] } }, index) =>
        signals.flatMap((name) => signal(name, `${path}.${stage}[${index}]`)),
      ),
    ),
  ];
}

/** Expectations that read by a role which the runbook does not declare. */
function missingRoles(
  { during, after }: AnyExperiment,
  path: string,
  { runbook }: Definitions,
): readonly Fault[] {
  if (runbook.value === undefined || breakerRole(runbook.value) !== undefined) return [];
  const { value } = runbook;
  return Object.entries({ during, after }).flatMap(([stage, expectations]) =>
    expectations.flatMap(({ observation: { role, text } }, index) =>
      role === undefined ? [] : [noRole(role, text, `${path}.${stage}[${index}]`, value)],
    ),
  );
}

function noRole(role: 'breaker', text: string, path: string, { signals }: Runbook): Fault {
  const metrics = Object.values(signals).flatMap(({ source }) =>
    typeof source === 'object' && 'metric' in source ? [source.metric] : [],
  );
  const near = metrics.find((metric) => metric.includes(role)) ?? nearest(role, metrics);
  return wrong(path, `the runbook does not say where to read this: it declares no role ${role}`, {
    got: `an expectation that ${text}, and no roles.${role}`,
    allowed: `roles.${role} with the label that names a breaker, and the metric of its state or of its transitions`,
    ...(near !== undefined && { hint: `of the metrics that the runbook reads, ${near} is nearest` }),
  });
}

function toggleValues(
  { prepare = {}, containment = {} }: AnyExperiment,
  path: string,
  { runbook }: Definitions,
): readonly Fault[] {
  const toggles = runbook.value?.toggles;
  if (toggles === undefined) return [];
  const toggle = known('toggle', Object.keys(toggles));
  return Object.entries({ prepare, containment }).flatMap(([field, values]) =>
    Object.entries(values).flatMap(([name, value]) => {
      const at = member(`${path}.${field}`, name);
      const found = toggles[name];
      return found === undefined ? toggle(name, at) : valueFaults(found, value, at);
    }),
  );
}

function sourceNames({ signals }: Runbook, { sources }: Definitions): readonly Fault[] {
  if (!sources.complete) return [];
  const source = known('source', sources.names);
  return Object.entries(signals).flatMap(([name, found]) =>
    typeof found.source === 'object' && 'own' in found.source
      ? source(found.source.own, `${member('signals', name)}.source.own`)
      : [],
  );
}

function feedFaults(runbook: Runbook, { checks, scenarios }: Definitions): readonly Fault[] {
  const sound = checks.sound.map(({ value }) => value);
  const { roundTrip, ...ofRequests } = requestSignals(runbook);
  const fed = new Set([
    ...sound.flatMap(({ samples = {} }) => Object.keys(samples)),
    ...(scenarios.length > 0 || sound.some((check) => !isSocketCheck(check) && check.counted !== false)
      ? Object.values(ofRequests)
      : []),
    ...(sound.some(isSocketCheck) ? [roundTrip] : []),
  ]);
  // A broken check may be the one that feeds or carries it.
  if (!checks.complete || sound.length < checks.names.length) return [];
  return [...starved(runbook, fed), ...recoveryNames(runbook, sound)];
}

function starved({ signals }: Runbook, fed: ReadonlySet<string>): readonly Fault[] {
  return Object.entries(signals)
    .filter(([name, { source }]) => typeof source !== 'object' && !fed.has(name))
    .map(([name]) =>
      wrong(member('signals', name), 'nothing feeds this signal, so it would be unknown for ever', {
        got: 'no check has samples of that name',
        allowed: `a check with samples['${name}'], or a metric of the system as source`,
        hint: `if requests should feed it, say which of them: roles: { latency | errors | serverErrors | roundTrip: '${name}' }`,
      }),
    );
}

function recoveryNames(
  { recovery, roles = {}, states: normal = {} }: Runbook,
  checks: readonly AnyCheck[],
): readonly Fault[] {
  const states = new Set(
    checks.flatMap((check) => [
      ...Object.keys(check.states ?? {}),
      ...Object.keys(check.unanswered?.states ?? {}),
    ]),
  );
  const tag = known('tag of a check', new Set(checks.flatMap(({ tags }) => tags)));
  return [
    ...tag(recovery.checks, 'recovery.checks'),
    ...Object.entries(roles.tags ?? {}).flatMap(([role, name]) => tag(name, `roles.tags.${role}`)),
    ...(roles.degraded === undefined
      ? []
      : known('state that a check tells', states)(roles.degraded.state, 'roles.degraded.state')),
    ...known('state that a check tells', states)(recovery.fallbackState, 'recovery.fallbackState'),
    ...known('state that a check tells', states)(recovery.providerState, 'recovery.providerState'),
    ...Object.keys(normal).flatMap((name) =>
      known('state that a check tells', states)(name, member('states', name)),
    ),
  ];
}
