/** Siaga's public API: what a project's definitions are written with, and the types of what a run tells. */

export { defineConfig, defineTarget } from './project/target.ts';
export type { Channel, Config, Dependency, MetricRef, OwnChannel, Target } from './project/target.ts';
export type { Runbook, Signal, SignalSource, Toggle, When } from './runbook/types.ts';

export { defineCheck } from './check/definition.ts';
export type { StandardSchemaV1 } from '@standard-schema/spec';
export type { Answer, Check, HttpCheck, SampleValue, WebSocketCheck } from './check/definition.ts';

export { defineExperiment } from './chaos/definition.ts';
export { defineFault } from './chaos/own-fault.ts';
export type { OwnFault } from './chaos/own-fault.ts';
export type { Expectation, Experiment, FaultKind, FaultPlan, Observation } from './chaos/definition.ts';
export * as expect from './chaos/public/expect.ts';
export * as fault from './chaos/public/fault.ts';

export { defineSource } from './sampling/source.ts';
export type { Source, SourceRead } from './sampling/source.ts';
export { defineChannel } from './notify/channel.ts';
export type { ChannelKind, ChannelMessage } from './notify/channel.ts';
export { deliveryOf } from './notify/delivery.ts';
export type { Delivery } from './notify/ports.ts';

export type { Catalogue, EventType } from './event/catalogue.ts';
export type { EventOf, SiagaEvent } from './event/envelope.ts';
export { toMs } from './kernel/to-ms.ts';
export type { Duration } from './kernel/duration.ts';
export type { Outcome, Verdict, Violation } from './kernel/outcome.ts';
export type { Percent } from './kernel/percent.ts';
