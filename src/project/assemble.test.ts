import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import minimalRunbook from '../../test/projects/minimal/runbook.ts';
import config, { local } from '../../test/projects/minimal/siaga.config.ts';
import experiment from '../../test/projects/minimal/chaos/hello-down.ts';
import { hello } from '../../test/projects/minimal/checks/hello.ts';
import { breaker } from '../chaos/expect/breaker.ts';
import { eventually, throughout } from '../chaos/expect/modes.ts';
import { signal } from '../chaos/expect/signal.ts';
import type { Diagnostic } from '../kernel/diagnostic.ts';
import { assemble, type Sources } from './load.ts';

const scenarios = [{ name: 'smoke', path: '/p/scenarios/smoke.ts' }];

interface Given {
  readonly runbook?: unknown;
  readonly config?: unknown;
  readonly checks?: Readonly<Record<string, unknown>>;
  readonly experiments?: Readonly<Record<string, unknown>>;
  readonly channels?: Readonly<Record<string, unknown>>;
}

function sources(given: Given = {}): Sources {
  return {
    dir: '/p',
    files: [],
    scenarios,
    runbook: {
      file: 'runbook.ts',
      exports: { default: 'runbook' in given ? given.runbook : minimalRunbook },
    },
    config: { file: 'siaga.config.ts', exports: { default: 'config' in given ? given.config : config } },
    parts: {
      checks: [{ file: 'checks/hello.ts', exports: given.checks ?? { hello } }],
      chaos: [{ file: 'chaos/down.ts', exports: given.experiments ?? { default: experiment } }],
      ...(given.channels && { channels: [{ file: 'channels/slack.ts', exports: given.channels }] }),
    },
  };
}

const told = (given: Given): readonly Diagnostic[] => assemble(sources(given)).diagnostics;
const withCheck = (check: object): Given => ({ checks: { hello: { ...hello, ...check } } });
const withExperiment = (change: object): Given => ({
  experiments: { default: { ...experiment, ...change } },
});
const withTarget = (change: object): Given => ({ config: { targets: [{ ...local, ...change }] } });
const fault = experiment.faults[0];
const requests = { latency: 'rest.latency' };
const request = { path: '/hello', timeout: '2s' };

test('the minimal project is sound', () => {
  const project = assemble(sources());
  expect(project.diagnostics).toEqual([]);
  expect(project).toMatchObject({
    checks: [{ name: 'hello' }],
    experiments: [{ name: 'hello-down' }],
    scenarios,
  });
});

test.each<[string, Given, Partial<Diagnostic>]>([
  [
    'a runbook without a default export',
    { runbook: undefined },
    { file: 'runbook.ts', message: 'this file has no default export' },
  ],
  [
    'a config without a default export',
    { config: undefined },
    { file: 'siaga.config.ts', message: 'this file has no default export' },
  ],
  [
    'a file without a check',
    { checks: { helper: () => 1 } },
    { file: 'checks/hello.ts', message: 'this file exports no check', got: 'helper: function' },
  ],
  ['a file without an export', { checks: {} }, { message: 'this file exports no check', got: 'no export' }],
  [
    'a file without an experiment',
    { experiments: { default: 1 } },
    { file: 'chaos/down.ts', message: 'this file exports no experiment' },
  ],
  [
    'two checks of one name',
    { checks: { hello, again: { ...hello } } },
    { path: 'again.name', message: 'this name is taken by another check' },
  ],
  [
    'a check without a name',
    withCheck({ name: undefined }),
    { path: 'hello.name', message: 'this field is missing' },
  ],
  [
    'a misspelt option',
    withCheck({ invariant: {} }),
    { path: 'hello.invariant', message: 'there is no such field', hint: 'did you mean invariants?' },
  ],
  [
    'a bad duration',
    withCheck({ every: '5 minutes' }),
    { path: 'hello.every', message: 'this is not a duration', got: "'5 minutes'" },
  ],
  [
    'a bare number as a duration',
    withCheck({ request: { ...request, timeout: 5 } }),
    { path: 'hello.request.timeout', got: '5' },
  ],
  [
    'a path without its slash',
    withCheck({ request: { ...request, path: 'hello' } }),
    { path: 'hello.request.path' },
  ],
  [
    'a body that is no schema',
    withCheck({ response: { status: 200, body: {} } }),
    { path: 'hello.response.body', message: 'this is not a schema' },
  ],
  [
    'an unknown signal',
    withCheck({ samples: { 'rest.latencyy': () => 1 } }),
    { path: "hello.samples['rest.latencyy']", hint: 'did you mean rest.latency?' },
  ],
  [
    'an unknown proxy to ask around',
    withCheck({ request: { ...request, direct: 'upsteam' } }),
    { path: 'hello.request.direct', hint: 'did you mean upstream?' },
  ],
  [
    'an empty steady state',
    withExperiment({ steadyState: [] }),
    { path: 'default.steadyState', message: 'this list holds too few checks' },
  ],
  [
    'a steady state of something else',
    withExperiment({ steadyState: [{}] }),
    { path: 'default.steadyState[0].name' },
  ],
  [
    'a check that the project does not have',
    withExperiment({ steadyState: [{ ...hello, name: 'helo' }] }),
    { path: 'default.steadyState[0]', hint: 'did you mean hello?' },
  ],
  [
    'an unknown scenario',
    withExperiment({ load: { scenario: 'smokee', rate: 1 } }),
    { path: 'default.load.scenario', hint: 'did you mean smoke?' },
  ],
  [
    'more load than the target allows',
    withExperiment({ load: { scenario: 'smoke', rate: 21 } }),
    { path: 'default.load.rate', allowed: '20 a second at most' },
  ],
  [
    'an unknown proxy',
    withExperiment({ faults: [{ ...fault, proxy: 'upsteam' }] }),
    { path: 'default.faults[0].proxy', hint: 'did you mean upstream?' },
  ],
  [
    "another fault's attribute",
    withExperiment({ faults: [{ ...fault, fault: { kind: 'latency', latency: 1, jitter: 0, rate: 5 } }] }),
    { path: 'default.faults[0].fault.rate', message: 'there is no such field' },
  ],
  [
    'an unknown fault',
    withExperiment({ faults: [{ ...fault, fault: { kind: 'latencyy' } }] }),
    { path: 'default.faults[0].fault.kind', hint: 'did you mean latency?' },
  ],
  [
    'a fault of an hour',
    withExperiment({ faults: [{ ...fault, for: '1h' }] }),
    { path: 'default.faults[0].for', allowed: '30m at most' },
  ],
  [
    'an unknown signal that may fire',
    withExperiment({ expects: ['rest.latncy'] }),
    { path: 'default.expects[0]', hint: 'did you mean rest.latency?' },
  ],
  [
    'an unknown signal that is to stay inside',
    withExperiment({ during: [throughout(signal('rest.latncy').stays('p95 < 1s'))] }),
    { path: 'default.during[0]', hint: 'did you mean rest.latency?' },
  ],
  [
    'an unknown signal to wait for',
    withExperiment({ containWhen: 'rest.latncy' }),
    { path: 'default.containWhen', hint: 'did you mean rest.latency?' },
  ],
  [
    'an unknown toggle',
    withExperiment({ containment: { FEATURE: 'off' } }),
    { path: 'default.containment.FEATURE', message: 'there is no such toggle' },
  ],
  [
    'an unknown target',
    withExperiment({ target: { ...local, name: 'locl' } }),
    { path: 'default.target.name', hint: 'did you mean local?' },
  ],
  [
    'an address that is none',
    withTarget({ url: 'example.com' }),
    { path: 'targets[0].url', message: 'this is not an address' },
  ],
  [
    'an address past a proxy without its port',
    withTarget({ proxies: { upstream: { ...local.proxies.upstream, direct: 'postgres' } } }),
    { path: 'targets[0].proxies.upstream.direct', message: 'this is not an address' },
  ],
  [
    'a variable that is not written as one',
    withTarget({ url: 'https://${1}' }),
    { path: 'targets[0].url', got: "'${1}'" },
  ],
])('%s is told at its place', (_, given, expected) => {
  expect(told(given).filter(({ level }) => level === 'error')).toEqual([expect.objectContaining(expected)]);
});

test('production is never broken on purpose, neither by the target nor by an experiment', () => {
  expect(told(withTarget({ production: true }))).toEqual([
    expect.objectContaining({ file: 'siaga.config.ts', path: 'targets[0].chaos', allowed: 'forbidden' }),
  ]);
  expect(told(withTarget({ production: true, chaos: undefined }))).toEqual([
    expect.objectContaining({ file: 'chaos/down.ts', path: 'default.target' }),
  ]);
});

test('two targets of one name and a default that does not exist', () => {
  const given = { config: { targets: [local, { ...local }], defaultTarget: 'locl' } };
  expect(told(given).map(({ path, hint }) => [path, hint])).toEqual([
    ['targets[1].name', undefined],
    ['defaultTarget', 'did you mean local?'],
  ]);
});

test('a signal that nothing feeds and names that no check tells are errors of the runbook', () => {
  const fresh = { ...minimalRunbook.signals['rest.latency'], recovered: undefined };
  const runbook = {
    ...minimalRunbook,
    signals: { ...minimalRunbook.signals, freshness: fresh },
    recovery: { ...minimalRunbook.recovery, checks: 'cor', fallbackState: 'falback' },
  };
  expect(told({ runbook }).map(({ path, hint }) => [path, hint])).toEqual([
    ['signals.freshness', expect.stringContaining("roundTrip: 'freshness'")],
    ['recovery.checks', 'did you mean core?'],
    ['recovery.fallbackState', 'did you mean fallback?'],
  ]);
});

test('an expectation without the role that it reads by is an error, with the nearest metric', () => {
  const fuse = {
    title: 'fuse',
    requirements: [],
    source: { metric: 'circuit_breaker_position', type: 'gauge' },
    trigger: { when: 'max > 1', for: '1m' },
    severity: 'SEV-2',
  };
  const signals = { ...minimalRunbook.signals, fuse };
  const opens = { during: [eventually(breaker('prices').opens())] };
  const roles = requests;
  expect(told({ ...withExperiment(opens), runbook: { ...minimalRunbook, signals } })).toEqual([]);
  expect(told({ ...withExperiment(opens), runbook: { ...minimalRunbook, signals, roles } })).toEqual([
    expect.objectContaining({
      level: 'error',
      file: 'chaos/down.ts',
      path: 'default.during[0]',
      message: expect.stringContaining('no role breaker'),
      hint: expect.stringContaining('circuit_breaker_position'),
    }),
  ]);
});

test('a role of a state that no check tells, or of a tag that none carries, is an error', () => {
  const roles = { degraded: { state: 'falback', is: true }, tags: { ready: 'cor' } };
  expect(told({ runbook: { ...minimalRunbook, roles: { ...requests, ...roles } } })).toMatchObject([
    { path: 'roles.tags.ready', hint: 'did you mean core?' },
    { path: 'roles.degraded.state', hint: 'did you mean fallback?' },
  ]);
});

test('a file that cannot be read is told once and causes no further faults', () => {
  const failure: Diagnostic = {
    level: 'error',
    file: 'checks/lib.ts:3',
    path: '',
    message: 'cannot be loaded',
  };
  const checks = ['checks/a.ts', 'checks/b.ts'].map((file) => ({ file, failure }));
  const found = sources();
  expect(assemble({ ...found, parts: { ...found.parts, checks } }).diagnostics).toEqual([failure]);
});

test('what is broken is left out, what is sound stays', () => {
  const project = assemble(sources({ checks: { hello, bad: { ...hello, name: 'bad', every: 5 } } }));
  expect(project.checks.map(({ name }) => name)).toEqual(['hello']);
  expect(assemble(sources({ runbook: {} })).runbook).toBeUndefined();
});

test('the same check under two names is one check', () => {
  expect(assemble(sources({ checks: { hello, default: hello } }))).toMatchObject({
    checks: [{}],
    diagnostics: [],
  });
});

test.each([
  ['no identity: the policy of the runbook counts', {}, '60 requests a minute when all checks run', true],
  ['an identity of unknown budget', { identity: { probe: { 'x-client-id': 'a' } } }, undefined, false],
  [
    'an identity with a small budget',
    { identity: { probe: {} }, rateLimit: { probe: '30;w=60' } },
    '60 requests a minute when all checks run',
    true,
  ],
  ['a budget that suffices', { rateLimit: { probe: '60;w=60' } }, undefined, false],
])('the request budget, %s', (_, change, got, warns) => {
  const policy = {
    purpose: 'surge',
    rateLimit: true,
    normal: '59;w=60;burst=10',
    allowed: { like: 'n;w=s;burst=n' },
  };
  const runbook = { ...minimalRunbook, toggles: { BUDGET: policy } };
  const diagnostics = told({ ...withTarget(change), runbook });
  expect(diagnostics.map(({ level, got: found }) => [level, found])).toEqual(warns ? [['warning', got]] : []);
});

test('a load beyond the budget of its identity is a warning', () => {
  const given = withTarget({ load: { maxRate: 51 }, rateLimit: { load: '3000;w=60' } });
  expect(told(given)).toEqual([
    expect.objectContaining({ level: 'warning', path: 'targets[0].load.maxRate' }),
  ]);
});

test.each([
  ['650ms', ['650ms']],
  ['651ms', []],
])(
  'a timeout of %s, where p95 > 650ms is the trigger of what the check measures: warns of %j',
  (timeout, got) => {
    const when = minimalRunbook.signals['rest.latency'].trigger.when;
    expect(when).toBe('p95 > 650ms');
    const found = told(withCheck({ request: { path: '/hello', timeout } }));
    expect(found.map(({ level }) => level)).toEqual(got.map(() => 'warning'));
    expect(found.map((each) => [each.got, each.path])).toEqual(
      got.map((each) => [each, 'hello.request.timeout']),
    );
  },
);

test('row 10: a limit that an hourly round with jitter finds used up every other time is a warning', () => {
  expect(told({ checks: { hello: { ...hello, maxPerHour: 1 } } })).toEqual([
    expect.objectContaining({ level: 'warning', path: expect.stringMatching(/maxPerHour$/) }),
  ]);
  expect(told({ checks: { hello: { ...hello, maxPerHour: 2 } } })).toEqual([]);
});

describe('a kind of channel that the project defines', () => {
  const slack = {
    kind: 'slack',
    options: z.strictObject({ url: z.url(), room: z.string().optional() }),
    secret: ['url'],
    send: () => undefined,
  };
  const used = (team: object, channels: Given['channels'] = { default: slack }): Given => ({
    config: { ...config, channels: { team } },
    channels,
  });
  const sound = { kind: 'slack', url: '${SLACK_URL}', receives: ['incidents'] };

  test('is known, and carried by the project', () => {
    const project = assemble(sources(used(sound)));
    expect(project.diagnostics).toEqual([]);
    expect(project.channels).toEqual([slack]);
  });

  const at = { file: 'siaga.config.ts', level: 'error' } as const;
  const invented = {
    path: 'channels.team.kind',
    message: 'there is no such kind of channel',
    got: "'slak'",
    allowed: 'telegram, webhook, slack',
    hint: 'did you mean slack?',
  };
  test.each<[string, Given, Partial<Diagnostic>]>([
    ['a kind that nobody defines', used({ ...sound, kind: 'slak' }), { ...at, ...invented }],
    [
      'a secret that is written out',
      used({ ...sound, url: 'https://hooks.example.com/verysecret' }),
      {
        ...at,
        path: 'channels.team.url',
        message: 'this option is secret, and is written into the configuration',
        got: 'a text without a variable',
      },
    ],
    [
      'an option that its schema refuses',
      used({ ...sound, url: 7, room: 8 }),
      { ...at, path: 'channels.team.room', got: '8' },
    ],
    [
      'a rule of every channel',
      used({ ...sound, language: 'de' }),
      { ...at, path: 'channels.team.language', got: "'de'" },
    ],
    [
      'a schema that answers later',
      used({ kind: 'slack' }, { default: { ...slack, options: z.object({}).refine(async () => true) } }),
      { ...at, path: 'channels.team', allowed: 'a schema that answers at once' },
    ],
    [
      'a schema that throws',
      used({ kind: 'slack' }, { default: { ...slack, options: { '~standard': {} } } }),
      { ...at, path: 'channels.team', allowed: 'a schema that can judge them' },
    ],
    [
      'a kind that two files claim',
      used(sound, { default: slack, again: { ...slack } }),
      { path: 'again.kind', message: 'this kind is taken by another channel', got: "'slack'" },
    ],
    [
      'a kind that Siaga has itself',
      used({ kind: 'webhook', url: 'https://example.com' }, { default: { ...slack, kind: 'webhook' } }),
      { path: 'default.kind', got: "'webhook'" },
    ],
    [
      'a kind without a way to send',
      used(sound, { default: { ...slack, send: undefined, sends: 1 } }),
      { path: 'default.send', message: 'this field is missing' },
    ],
  ])('%s is an error', (_, given, expected) => {
    expect(told(given)).toContainEqual(expect.objectContaining(expected));
  });

  test('a file that cannot be read makes no kind unknown', () => {
    const failure: Diagnostic = {
      level: 'error',
      file: 'channels/a.ts',
      path: '',
      message: 'cannot be loaded',
    };
    const found = sources({ config: { ...config, channels: { team: sound } } });
    const channels = [{ file: 'channels/a.ts', failure }];
    expect(assemble({ ...found, parts: { ...found.parts, channels } }).diagnostics).toEqual([failure]);
  });
});

const judgedBy = (own: string, when = 'last > 100') => ({
  ...minimalRunbook,
  signals: {
    ...minimalRunbook.signals,
    'queue.depth': {
      title: 'Orders waiting',
      requirements: [],
      source: { own },
      trigger: { when, for: '5m' },
      severity: 'SEV-3',
    },
  },
});

describe('a source that the project defines', () => {
  const depth = { name: 'queue-depth', every: '15s', timeout: '5s', read: () => 1 };
  const withSource = (source: object, runbook: object = judgedBy('queue-depth')) => {
    const found = sources({ runbook });
    const files = [{ file: 'sources/queue.ts', exports: { default: source } }];
    return assemble({ ...found, parts: { ...found.parts, sources: files } });
  };

  test('is known, feeds the signals that name it, and is carried by the project', () => {
    const project = withSource(depth);
    expect(project.diagnostics).toEqual([]);
    expect(project.sources).toEqual([depth]);
  });

  test.each<[string, object, object, Partial<Diagnostic>]>([
    [
      'a signal that names another',
      depth,
      judgedBy('queue-dept'),
      {
        file: 'runbook.ts',
        path: "signals['queue.depth'].source.own",
        message: 'there is no such source',
        hint: 'did you mean queue-depth?',
      },
    ],
    [
      'a share of numbers',
      depth,
      judgedBy('queue-depth', 'rate > 2%'),
      { message: 'a source of its own has no rate', got: "'rate > 2%'" },
    ],
    [
      'a URL without pick',
      { ...depth, read: { url: 'https://example.com' } },
      judgedBy('queue-depth'),
      { path: 'default.read.pick', message: 'this field is missing' },
    ],
    [
      'no time limit',
      { ...depth, timeout: undefined },
      judgedBy('queue-depth'),
      { path: 'default.timeout', message: 'this field is missing' },
    ],
    [
      'a command without a word',
      { ...depth, read: { command: [] } },
      judgedBy('queue-depth'),
      { path: 'default.read.command', got: '0' },
    ],
  ])('%s is an error', (_, source, runbook, expected) => {
    expect(withSource(source, runbook).diagnostics).toContainEqual(expect.objectContaining(expected));
  });
});
