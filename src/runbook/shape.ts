import {
  type Rule,
  duration,
  either,
  fields,
  flag,
  like,
  list,
  matching,
  number,
  object,
  oneOf,
  record,
  text,
} from '../kernel/shape.ts';
import { parsePercent } from '../kernel/percent.ts';
import { isZone } from '../kernel/zone.ts';
import type { BreakerRole, Severity } from '../event/specs.ts';
import { parseCondition } from './condition.ts';
import type { Roles, Runbook, Signal, SignalSource, State, Toggle } from './types.ts';

const minuteMs = 60_000;
export const severities = ['SEV-0', 'SEV-1', 'SEV-2', 'SEV-3', 'SEV-4'] as const;

/** Windows are counted in one-minute buckets. */
const wholeMinutes = duration({ minMs: minuteMs, stepMs: minuteMs, allowed: 'whole minutes, 1m or more' });
const severity = oneOf(...severities);
const ids = list(text('a requirement id such as R1'), { what: 'requirement ids' });

export const condition: Rule = matching(
  (found) => typeof found === 'string' && parseCondition(found) !== undefined,
  'this is not a condition',
  'a statistic, a comparison and a quantity, such as p95 > 650ms, rate < 1% or count > 10',
);

const metricName = like(/^[a-zA-Z_:][\w:]*$/, "a metric's name: letters, digits, _ and :");

const source = either(
  oneOf('probe', 'load'),
  object<Extract<SignalSource, { own: string }>>({ own: text('the name of a source of sources/') }),
  object<Extract<SignalSource, { metric: string }>>(
    { metric: metricName, type: oneOf('histogram', 'counter', 'gauge') },
    { labels: record(text()), unit: oneOf('seconds') },
  ),
);

const signal = object<Signal>(
  {
    title: text(),
    requirements: ids,
    source,
    trigger: object<Signal['trigger']>({ when: condition, for: wholeMinutes }),
    severity,
  },
  {
    says: object<NonNullable<Signal['says']>>({}, { id: text(), en: text() }),
    recovered: condition,
    minSamples: number({ min: 1, whole: true }),
    group: text(),
    inhibits: list(text(), { what: 'signal names' }),
  },
);

const toggle = object<Toggle>(
  {
    purpose: text(),
    normal: text(),
    allowed: either(
      list(text(), { min: 1, what: 'values' }),
      object({
        min: number({ min: Number.MIN_SAFE_INTEGER }),
        max: number({ min: Number.MIN_SAFE_INTEGER }),
      }),
      object({ like: text() }),
    ),
  },
  {
    incident: text(),
    helps: list(text(), { what: 'signal names' }),
    limits: object<NonNullable<Toggle['limits']>>({
      signals: list(text(), { min: 1, what: 'signal names' }),
      unit: oneOf('s', 'ms'),
    }),
    rateLimit: matching((found) => found === true, 'this is true or left out', 'true'),
  },
);

const stateValue = either(text(), number({ min: Number.MIN_SAFE_INTEGER }), flag);
const state = object<State>({ normal: stateValue }, { title: text(), severity });

const role = oneOf('owner', 'ops', 'comms', 'secondary');

const recoveryFields = {
  for: wholeMinutes,
  restoreAfter: wholeMinutes,
  wholeHold: object<Runbook['recovery']['wholeHold']>({
    signal: text(),
    good: condition,
    minRequests: number({ min: 1, whole: true }),
  }),
  maxUnknownInRow: number({ min: 0, whole: true }),
  fallbackState: text('the name of a state that a check tells'),
  providerState: text('the name of a state that a check tells'),
  checks: text('a tag of checks'),
  deadline: duration(),
  reopenWithin: duration(),
};
const recovery = object<Runbook['recovery']>(recoveryFields, {
  stable: object<NonNullable<Runbook['recovery']['stable']>>({
    after: wholeMinutes,
    reviewAfter: duration(),
    owner: role,
  }),
});

const limit = either(
  duration(),
  matching(
    (found) => typeof found === 'string' && parsePercent(found) !== undefined,
    'this is not a share',
    'a share such as 2%',
  ),
  number({ min: 0 }),
);

const severityRow = object<Runbook['severities'][Severity]>({
  means: text(),
  respondWithin: duration(),
  resolveWithin: duration(),
  aliases: list(text(), { what: 'aliases' }),
});

const signalName = text('the name of a signal');
const anyNumber = number({ min: Number.MIN_SAFE_INTEGER });
const breaker = object<BreakerRole>(
  { label: text('the label that names the breaker') },
  {
    state: object<NonNullable<BreakerRole['state']>>({
      metric: metricName,
      values: object<NonNullable<BreakerRole['state']>['values']>({
        closed: anyNumber,
        open: anyNumber,
        'half-open': anyNumber,
      }),
    }),
    transitions: object<NonNullable<BreakerRole['transitions']>>({
      metric: metricName,
      to: text('the label that names the state it went to'),
    }),
  },
);
const roles = object<Roles>(
  {},
  {
    latency: signalName,
    errors: signalName,
    serverErrors: signalName,
    roundTrip: signalName,
    down: list(object<NonNullable<Roles['down']>[number]>({ signal: signalName, when: condition }), {
      what: 'signals',
    }),
    degraded: object<NonNullable<Roles['degraded']>>({ state: text(), is: stateValue }),
    tags: object<NonNullable<Roles['tags']>>(
      {},
      { ready: text('a tag of checks'), facts: text('a tag of checks') },
    ),
    breaker,
  },
);

const zone = matching(
  (found) => typeof found === 'string' && isZone(found),
  'this is not a time zone',
  'an IANA zone such as Asia/Jakarta',
);

/** The fields of a runbook, their types and bounds. */
export const runbookShape: Rule = object<Runbook>(
  {
    name: text(),
    zone,
    languages: list(oneOf('id', 'en'), { min: 1, what: 'languages' }),
    signals: record(signal),
    hardDown: object<Runbook['hardDown']>({
      times: number({ min: 1, whole: true }),
      apart: duration(),
      severity,
    }),
    recovery,
    flapping: object<Runbook['flapping']>(
      { transitions: number({ min: 2, whole: true }), within: duration(), maxHold: wholeMinutes },
      { digestEvery: wholeMinutes },
    ),
    blindAfter: duration(),
    toggles: record(toggle),
    limits: record(limit),
    severities: fields(Object.fromEntries(severities.map((name) => [name, severityRow]))),
    contacts: list(
      object<Runbook['contacts'][number]>({
        role,
        name: text(),
        reach: text(),
      }),
      {
        min: 1,
        what: 'contacts',
      },
    ),
    documents: object<Runbook['documents']>({ draft: duration(), report: duration(), review: duration() }),
  },
  { states: record(state), roles },
);
