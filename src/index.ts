/** Siaga's public API: what a project's definitions are written with, and the types of what a run tells. */

export { defineConfig, defineTarget } from './project/target.ts';
export type { Channel, Config, Dependency, MetricRef, Target } from './project/target.ts';
export type { Runbook, Signal, SignalSource, Toggle, When } from './runbook/types.ts';

export { defineCheck } from './check/definition.ts';
export type { StandardSchemaV1 } from '@standard-schema/spec';
export type { Answer, Check, HttpCheck, SampleValue, WebSocketCheck } from './check/definition.ts';

export { defineExperiment } from './chaos/definition.ts';
export type { Expectation, Experiment, FaultKind, FaultPlan, Observation } from './chaos/definition.ts';
export {
  bandwidth,
  down,
  latency,
  limitData,
  resetPeer,
  slicer,
  slowClose,
  timeout,
} from './chaos/faults.ts';
export { value } from './chaos/expect/agreement.ts';
export { answers, passes, state } from './chaos/expect/answers.ts';
export { breaker } from './chaos/expect/breaker.ts';
export { incident, message, recovered } from './chaos/expect/incident.ts';
export { eventually, never, throughout, within } from './chaos/expect/modes.ts';
export { signal } from './chaos/expect/signal.ts';

export type { Catalogue, EventType } from './event/catalogue.ts';
export type { EventOf, SiagaEvent } from './event/envelope.ts';
export { toMs } from './kernel/duration.ts';
export type { Duration } from './kernel/duration.ts';
export type { Outcome, Verdict, Violation } from './kernel/outcome.ts';
export type { Percent } from './kernel/percent.ts';
