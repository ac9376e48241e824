import type {
  CallFigures,
  Catalogue,
  DrillLease,
  ExpectationFacts,
  ExpectationSettled,
  ExperimentFinished,
  ExperimentStarted,
  FaultFacts,
  FaultPlanned,
  FaultProof,
  ProbeFigures,
  Timing,
} from '../catalogue.ts';
import { processMark } from './runs.ts';
import { json } from './json.ts';
import { flag, list, object, oneOf, optional, record, text } from './shape.ts';
import { count, figure, moment, positive, sequence, shift, span } from './units.ts';

const faultFacts = {
  fault: text,
  proxy: text,
  driver: optional(text),
  kind: text,
  attributes: record(figure),
  stream: oneOf('upstream', 'downstream', 'both'),
  toxicity: positive,
  forMs: span,
} as const;

export const drillLease = object<DrillLease>({
  state: oneOf('taken', 'renewed', 'released'),
  experiment: text,
  expiresAt: moment,
  processes: list(processMark),
});

export const experimentStarted = object<ExperimentStarted>({
  name: text,
  requirements: list(text),
  hypothesis: text,
  expects: list(text),
  faults: list(object<FaultFacts>(faultFacts)),
  expectations: list(
    object<ExpectationFacts>({
      id: text,
      text,
      stage: oneOf('steady-state', 'during', 'after'),
      mode: oneOf('within', 'throughout', 'never'),
      deadlineMs: optional(span),
    }),
  ),
});

export const experimentPhase = object<Catalogue['experiment.phase']>({
  experiment: text,
  phase: oneOf('prepare', 'steady-state', 'method', 'rollback', 'recovery', 'settled'),
});

export const expectationSettled = object<ExpectationSettled>({
  experiment: text,
  expectation: text,
  outcome: oneOf('met', 'broken', 'unknown'),
  path: optional(text),
  got: text,
  allowed: text,
  afterMs: optional(shift),
  evidence: list(sequence),
});

const timing = object<Timing>({ ms: shift, from: sequence, to: sequence, plusMinusMs: span });

export const experimentFinished = object<ExperimentFinished>({
  name: text,
  verdict: oneOf('held', 'weakness', 'inconclusive', 'aborted', 'rollback-failed'),
  reasons: list(text),
  because: optional(
    list(
      oneOf(
        'interrupted',
        'steady-state',
        'undeclared',
        'other-target',
        'load-ended',
        'load-silent',
        'guard-lost',
        'lease-lost',
        'unproven',
        'tampered',
        'toxiproxy-lost',
        'unseen',
        'could-not-run',
        'left-behind',
        'fault-gone',
        'broken',
        'undecided',
        'not-recovered',
      ),
    ),
  ),
  timings: object<ExperimentFinished['timings']>({
    detect: optional(timing),
    contain: optional(timing),
    recover: optional(timing),
  }),
});

export const faultPlanned = object<FaultPlanned>({
  ...faultFacts,
  experiment: text,
  toxiproxy: text,
  expiresAt: moment,
  undo: optional(json),
});

export const faultInjected = object<Catalogue['fault.injected']>({
  fault: text,
  proxy: text,
  readBack: json,
});

const probed = object<ProbeFigures>({ n: count, failed: count, medianMs: positive });
const called = object<CallFigures>({
  count: figure,
  errors: figure,
  timed: optional(figure),
  meanMs: figure,
  overMs: figure,
});

export const faultProof = object<FaultProof>({
  fault: text,
  proven: flag,
  why: text,
  through: probed,
  past: probed,
  calls: object<FaultProof['calls']>({ before: called, during: called }),
});

export const faultRemoved = object<Catalogue['fault.removed']>({
  fault: text,
  proxy: text,
  by: oneOf('runner', 'guard', 'heal', 'someone else'),
  rung: oneOf(
    'toxic-deleted',
    'proxy-enabled',
    'proxy-recreated',
    'server-restarted',
    'server-gone',
    'continued',
    'restarted',
    'process-gone',
    'undone',
    'already-gone',
  ),
});

export const faultStuck = object<Catalogue['fault.stuck']>({ fault: text, proxy: text, tried: list(text) });

export const toxiproxySilent = object<Catalogue['toxiproxy.silent']>({ sinceMs: moment, untilMs: moment });
