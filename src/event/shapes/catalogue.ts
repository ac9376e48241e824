import type { Catalogue, EventType } from '../catalogue.ts';
import { checkFinished, samplingDropped, samplingLate } from './checks.ts';
import {
  drillLease,
  expectationSettled,
  experimentFinished,
  experimentPhase,
  experimentStarted,
  faultInjected,
  faultPlanned,
  faultProof,
  faultRemoved,
  faultStuck,
  toxiproxySilent,
} from './experiments.ts';
import { incidentEntry } from './entry.ts';
import { history } from './history.ts';
import { holdBucket, noticed, resumed, snapshot, transition } from './incident.ts';
import { loadFinished, loadStarted } from './loads.ts';
import { messageDead, messageDelivered, messageFailed, messageRequested } from './messages.ts';
import { gatePart, problem, runFinished, runPhase, runStarted } from './runs.ts';
import { roundMeasured } from './round.ts';
import { sampleBatch } from './samples.ts';
import { object, optional, text, yes, type Shape } from './shape.ts';
import { toggleApplied, togglePlanned, toggleRead } from './toggles.ts';
import { count, moment, shift, span } from './units.ts';

/** What the payload of each kind of event must be. */
export const payloads: { readonly [T in EventType]: Shape<Catalogue[T]> } = {
  'run.started': runStarted,
  'run.phase': runPhase,
  'run.finished': runFinished,
  'run.interrupted': object<Catalogue['run.interrupted']>({ signal: text }),
  'run.problem': problem,
  'gate.part': gatePart,
  'round.measured': roundMeasured,
  samples: sampleBatch,
  'check.asked': object<Catalogue['check.asked']>({ check: text }),
  'check.finished': checkFinished,
  'sampling.late': samplingLate,
  'sampling.dropped': samplingDropped,
  'load.started': loadStarted,
  'load.exception': object<Catalogue['load.exception']>({ message: text, count }),
  'load.stood': object<Catalogue['load.stood']>({ load: text, from: moment, to: moment }),
  'load.silent': object<Catalogue['load.silent']>({ load: text, sinceMs: span }),
  'load.finished': loadFinished,
  'toggle.planned': togglePlanned,
  'toggle.applied': toggleApplied,
  'toggle.read': toggleRead,
  'drill.lease': drillLease,
  'experiment.started': experimentStarted,
  'experiment.phase': experimentPhase,
  'expectation.settled': expectationSettled,
  'experiment.finished': experimentFinished,
  'fault.planned': faultPlanned,
  'fault.injected': faultInjected,
  'fault.proof': faultProof,
  'fault.removed': faultRemoved,
  'toxiproxy.silent': toxiproxySilent,
  'fault.stuck': faultStuck,
  'incident.transition': transition,
  'incident.bucket': holdBucket,
  'incident.blind': object<Catalogue['incident.blind']>({ signal: text, sinceMs: shift }),
  'incident.resumed': resumed,
  'incident.history': history,
  'incident.noticed': noticed,
  'incident.entry': incidentEntry,
  'incident.snapshot': object<Catalogue['incident.snapshot']>({ snapshot }),
  'clock.jump': object<Catalogue['clock.jump']>({
    wallMs: shift,
    monotonicMs: shift,
    byMs: optional(shift),
    sinceMs: optional(shift),
    betweenRuns: optional(yes),
  }),
  tick: object<Catalogue['tick']>({ bucket: moment }),
  'message.requested': messageRequested,
  'message.delivered': messageDelivered,
  'message.failed': messageFailed,
  'message.dead': messageDead,
};
