import type { Fault } from '../kernel/diagnostic.ts';
import { show, nearest, suggest } from '../kernel/nearest.ts';
import {
  type Rule,
  duration,
  fields,
  flag,
  isRecord,
  like,
  list,
  matching,
  member,
  number,
  object,
  oneOf,
  record,
  text,
  wrong,
} from '../kernel/shape.ts';
import { parsePolicy } from '../runbook/rate-limit.ts';
import { withoutUserinfo } from '../kernel/redact.ts';
import { brokenVariable, variablesIn } from './environment.ts';
import { productionFaults } from './production.ts';
import { type ChannelKinds, channelRule, noKinds } from './channels.ts';
import type { Config, Dependency, MetricRef, Target, TargetProcess } from './target.ts';
import { hasUserinfo, isHttp, url } from './url-shape.ts';

const strings = record(text());
const path = like(/^\//, "a path that begins with '/'");

const targetUrl = matching(
  (found) => found === 'reference' || (typeof found === 'string' && (found.includes('${') || isHttp(found))),
  'this is not an address',
  "an http or https URL, or 'reference' for the reference system of this checkout",
);

/** Toxiproxy asks nobody who they are, so credentials in its address belong to something else, and would be printed. */
const toxiproxyUrl: Rule = (found, at) =>
  typeof found === 'string' && hasUserinfo(found)
    ? [
        wrong(at, 'the address of a Toxiproxy holds no user and password', {
          got: withoutUserinfo(found),
          allowed: 'its plain HTTP address, such as http://127.0.0.1:8474',
          hint: 'Toxiproxy knows no login; where one guards it, reach it by a tunnel or from inside',
        }),
      ]
    : url(found, at);

const address = matching(
  (found) =>
    typeof found === 'string' && (found.includes('${') || /^(\[[\da-f:]+\]|[\w.-]+):\d{1,5}$/i.test(found)),
  'this is not an address',
  'host:port, such as 127.0.0.1:5432',
);

type Toggles = NonNullable<Target['toggles']>;

const command = object<NonNullable<Toggles['apply']>>({
  command: list(text(), { min: 1, what: 'words' }),
  timeout: duration(),
});

const metric = object<MetricRef>({ metric: text() }, { labels: strings });
const calls = object<Dependency['calls']>({
  count: metric,
  errors: list(metric, { what: 'metrics' }),
  duration: metric,
});
const httpProbe = fields({ kind: oneOf('http', 'postgres', 'redis', 'tcp'), path });
const plainProbe = fields({ kind: oneOf('http', 'postgres', 'redis', 'tcp') });
const probe: Rule = (found, at) =>
  isRecord(found) && found['kind'] === 'http' ? httpProbe(found, at) : plainProbe(found, at);

const targetProcess = object<TargetProcess>(
  {},
  {
    dependency: text('the name of a proxy'),
    address,
    probe,
    pidFile: text('the path of a file'),
    restart: command,
  },
);

const policy = matching(
  (found) => typeof found === 'string' && parsePolicy(found) !== undefined,
  'this is not a rate-limit policy',
  'requests, window in seconds and burst, such as 60;w=60;burst=10',
);

const target = object<Target>(
  {
    name: text(),
    url: targetUrl,
    proxies: record(object<Dependency>({ probe, calls }, { direct: address })),
  },
  {
    processes: record(targetProcess),
    production: flag,
    chaos: oneOf('allowed', 'forbidden'),
    load: object<NonNullable<Target['load']>>({ maxRate: number({ min: 0.1, max: 100_000 }) }),
    identity: object<NonNullable<Target['identity']>>({}, { probe: strings, load: strings }),
    rateLimit: object<NonNullable<Target['rateLimit']>>({}, { probe: policy, load: policy }),
    ca: text(),
    toxiproxy: toxiproxyUrl,
    toggles: object<Toggles>(
      { read: object<Toggles['read']>({ url }, { bearer: text() }) },
      {
        apply: command,
      },
    ),
    metrics: path,
    ready: path,
  },
);

const channelName = matching(
  (found) => found !== 'terminal',
  'this name is taken by the terminal',
  'any other name',
);

const shapeWith = (kinds: ChannelKinds): Rule =>
  object<Config>(
    { targets: list(target, { min: 1, what: 'targets' }) },
    { defaultTarget: text(), channels: record(channelRule(kinds), channelName), heartbeat: url },
  );

/**
 * Everything wrong with a configuration in itself. Variables are judged apart, against an environment.
 * @param kinds the kinds of channels that the project defines. Default: none.
 */
export function validateConfig(found: unknown, kinds: ChannelKinds = noKinds): readonly Fault[] {
  const faults = [...shapeWith(kinds)(found, ''), ...variableFaults(found, '')];
  if (faults.some(({ path: at }) => at === '' || at === 'targets' || at.startsWith('targets[')))
    return faults;
  const config = found as Config;
  const channels = faults.some(({ path: at }) => at.startsWith('channels')) ? [] : channelFaults(config);
  return [
    ...faults,
    ...nameFaults(config),
    ...defaultFaults(config),
    ...chaosFaults(config),
    ...commandFaults(config),
    ...productionFaults(config, {}),
    ...channels,
  ];
}

function nameFaults({ targets }: Config): readonly Fault[] {
  return targets.flatMap(({ name }, index) =>
    targets.findIndex((other) => other.name === name) === index
      ? []
      : [wrong(`targets[${index}].name`, 'this name is taken by another target', { got: show(name) })],
  );
}

// What a program is started with every user of the machine can read; what is in its environment, only its own.
function commandFaults({ targets }: Config): readonly Fault[] {
  return targets.flatMap(({ toggles }, index) =>
    variablesIn(toggles?.apply?.command, `targets[${index}].toggles.apply.command`).map(
      ({ name, path: at }) =>
        wrong(
          at,
          `every user of this machine can read the words of a command while it runs, and with them ${name}`,
          {
            got: `\${${name}}`,
            allowed: 'words without variables',
            hint: `the command finds ${name} in its environment: read it there`,
          },
        ),
    ),
  );
}

function defaultFaults({ targets, defaultTarget }: Config): readonly Fault[] {
  const names = targets.map(({ name }) => name);
  if (defaultTarget === undefined || names.includes(defaultTarget)) return [];
  const near = nearest(defaultTarget, names);
  return [
    wrong('defaultTarget', 'there is no such target', { got: show(defaultTarget), ...suggest(near, names) }),
  ];
}

function chaosFaults({ targets }: Config): readonly Fault[] {
  return targets.flatMap(({ production, chaos }, index) =>
    production === true && chaos === 'allowed'
      ? [
          wrong(`targets[${index}].chaos`, 'production is never broken on purpose', {
            got: "'allowed'",
            allowed: 'forbidden',
          }),
        ]
      : [],
  );
}

// What no channel receives is shown on the terminal, which nobody reads at night.
function channelFaults({ channels = {} }: Config): readonly Fault[] {
  const paging = Object.values(channels).filter(({ standby }) => standby !== true);
  if (Object.keys(channels).length === 0) return [];
  if (paging.some(({ receives = ['incidents'] }) => receives.includes('incidents'))) return [];
  return [
    {
      level: 'warning',
      path: 'channels',
      message: 'no channel receives real incidents: they are shown on the terminal only',
      got: Object.entries(channels)
        .map(([name, { receives = ['incidents'], standby }]) =>
          standby === true ? `${name} on standby` : `${name} receives ${receives.join(', ')}`,
        )
        .join('; '),
      allowed: "one channel, not on standby, that receives 'incidents' (the default)",
    },
  ];
}

function variableFaults(found: unknown, at: string): readonly Fault[] {
  if (typeof found === 'string') {
    const broken = brokenVariable(found);
    return broken === undefined
      ? []
      : [
          wrong(at, 'this variable is not written as one', {
            got: show(broken),
            allowed: '${NAME}, or $$ for a dollar sign',
          }),
        ];
  }
  if (Array.isArray(found)) return found.flatMap((item, index) => variableFaults(item, `${at}[${index}]`));
  return isRecord(found)
    ? Object.entries(found).flatMap(([key, item]) => variableFaults(item, member(at, key)))
    : [];
}
