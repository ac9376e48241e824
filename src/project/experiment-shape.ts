import type {
  Expectation,
  Experiment,
  Observation,
  OwnFaultPlan,
  ProcessFaultPlan,
  ProxyFaultPlan,
} from '../chaos/definition.ts';
import { attributesOn, type Place } from '../chaos/fault-kinds.ts';
import type { Fault } from '../kernel/diagnostic.ts';
import {
  type Rule,
  anything,
  callable,
  duration,
  either,
  fields,
  flag,
  isRecord,
  list,
  matching,
  number,
  object,
  oneOf,
  record,
  text,
  kebab,
} from '../kernel/shape.ts';
import { looksLikeCheck } from './check-shape.ts';

const halfHour = duration({ maxMs: 1_800_000, allowed: '30m at most' });
// Toxiproxy takes any attribute without a word, so each kind lists its own.
function faultOn(place: Place): Rule {
  const attributes = attributesOn(place);
  const kinds = oneOf(...Object.keys(attributes));
  return (found, path) => {
    const kind = isRecord(found) ? found['kind'] : undefined;
    const own = typeof kind === 'string' ? attributes[kind] : undefined;
    return own === undefined
      ? fields({ kind: kinds })(found, path)
      : fields({ kind: anything, ...own })(found, path);
  };
}

const time = either(halfHour, fields({ runbook: halfHour }));
const until = oneOf('contained');

const onProxy = object<ProxyFaultPlan>(
  { proxy: text('the name of a proxy'), fault: faultOn('proxy'), for: time },
  {
    until,
    stream: oneOf('upstream', 'downstream', 'both'),
    toxicity: number({ min: Number.EPSILON, max: 1 }),
  },
);

const onProcess = object<ProcessFaultPlan>(
  { process: text('the name of a process'), fault: faultOn('process'), for: time },
  { until },
);

const ownPlan = object<OwnFaultPlan>({ fault: faultOn('own'), for: time }, { until });

function plan(found: unknown, path: string): readonly Fault[] {
  if (!isRecord(found)) return onProxy(found, path);
  if ('process' in found) return onProcess(found, path);
  const isOwn = isRecord(found['fault']) && found['fault']['kind'] === 'own';
  return (isOwn && !('proxy' in found) ? ownPlan : onProxy)(found, path);
}

const expectation = object<Expectation>(
  {
    mode: oneOf('within', 'throughout', 'never'),
    observation: object<Observation>(
      { text: text(), allowed: text(), begin: callable },
      { signals: list(text(), { what: 'signal names' }), role: oneOf('breaker') },
    ),
  },
  { deadline: duration(), settling: duration() },
);

const check: Rule = (found, path) =>
  looksLikeCheck(found) ? [] : fields({ name: text('a check, as defineCheck gives it') })(found, path);

const target = matching(
  (found) => isRecord(found) && typeof found['name'] === 'string' && isRecord(found['proxies']),
  'this is not a target',
  'a target of siaga.config.ts, as defineTarget gives it',
);

/** The fields of an experiment, their types and bounds. */
export const experimentShape: Rule = object<Experiment>(
  {
    name: kebab,
    requirements: list(text(), { what: 'requirement ids' }),
    hypothesis: text('what is believed, in a sentence'),
    target,
    steadyState: list(check, { min: 1, what: 'checks' }),
    load: object<Experiment['load']>({ scenario: text(), rate: number({ min: 0.1, max: 10_000 }) }),
    faults: list(plan, { min: 1, what: 'faults' }),
    expects: list(text(), { what: 'signal names' }),
    during: list(expectation, { what: 'expectations' }),
    after: list(expectation, { what: 'expectations' }),
  },
  {
    title: text(),
    onlyByName: flag,
    steadyStates: record(anything),
    watch: list(check, { what: 'checks' }),
    prepare: record(text()),
    containment: record(text()),
    containWhen: text('the name of a signal'),
  },
);

/** Whether an exported value was meant as an experiment, sound or not. */
export const looksLikeExperiment = (found: unknown): boolean =>
  isRecord(found) && ('hypothesis' in found || 'steadyState' in found || 'faults' in found);
