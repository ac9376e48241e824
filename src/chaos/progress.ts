import type { SiagaEvent } from '../event/envelope.ts';
import type { Firing, IncidentChange } from '../event/incident.ts';
import { phaseAfter } from '../projection/episodes.ts';
import type { IncidentPhase } from '../projection/model.ts';
import { hardDown } from './definition.ts';
import type { Sight } from './sight.ts';
import { Stop } from './stop.ts';

/** How far the incident of an experiment has come: a fold over its transitions. */
export interface Progress {
  readonly open: boolean;
  readonly declared: boolean;
  readonly mitigated: boolean;
  readonly recovered: boolean;
  /** How often the engine has asked to put the toggles back. */
  readonly proposals: number;
  /** Signals that declared the incident or joined it. */
  readonly fired: readonly string[];
}

export const untouched: Progress = {
  open: false,
  declared: false,
  mitigated: false,
  recovered: false,
  proposals: 0,
  fired: [],
};

export function advance(progress: Progress, event: SiagaEvent): Progress {
  return event.type === 'incident.transition' ? changed(progress, event.data.change) : progress;
}

function changed(progress: Progress, change: IncidentChange): Progress {
  const fired = 'by' in change ? [...progress.fired, change.by.signal] : progress.fired;
  const proposals = progress.proposals + (change.kind === 'restore-proposed' ? 1 : 0);
  const opens = change.kind === 'declared' || change.kind === 'reopened';
  const phase = opens || progress.declared ? phaseAfter(change) : undefined;
  if (phase === undefined) return { ...progress, fired, proposals };
  const recovered = phase === 'recovered';
  const open = !recovered && phase !== 'closed';
  return { declared: true, open, recovered, mitigated: spared[phase], fired, proposals };
}

/** Whether users were well again when it came to stand there. */
const spared: Readonly<Record<IncidentPhase, boolean>> = {
  degraded: false,
  mitigated: true,
  'mitigated-stable': true,
  recovering: true,
  verifying: true,
  recovered: true,
  closed: false,
};

/**
 * Why the load that an experiment needs is not there: it has ended, or says nothing any more. A fold over a run's
 * events; `undefined` while it runs, and before one was started.
 */
export function loadStop(before: Stop | undefined, event: SiagaEvent): Stop | undefined {
  switch (event.type) {
    case 'load.started':
      return undefined;
    case 'load.finished': {
      const { reason, outcome } = event.data;
      return new Stop('load-ended', `the load ended (${reason ?? outcome}) while it was needed`);
    }
    case 'load.silent':
      return new Stop('load-silent', `the load ${event.data.load} stands still while it is needed`);
    case 'samples':
      return before?.kind === 'load-silent' && event.data.source === 'load' ? undefined : before;
    default:
      return before;
  }
}

/**
 * Why an event must end the experiment; `undefined` where it may go on. An alarm that rests on what nobody could see is
 * none of the system's.
 */
export function alarm(
  event: SiagaEvent,
  expects: readonly string[],
  sight: Pick<Sight, 'alarmDoubt'>,
): Stop | undefined {
  if (event.type !== 'incident.transition' || !('by' in event.data.change)) return undefined;
  const { by } = event.data.change;
  const stop = unexpected(by, event.data.drill, expects);
  if (!stop) return undefined;
  const doubt = sight.alarmDoubt(by.since, event.data.effectiveAt);
  return doubt === undefined ? stop : new Stop('unseen', `${stop.message}; ${doubt}`);
}

function unexpected(by: Firing, drill: boolean, expects: readonly string[]): Stop | undefined {
  const fired = `${by.signal} fired (${by.got}, allowed ${by.allowed})`;
  if (!drill) return new Stop('other-target', `${fired}, and this is no drill`);
  if (expects.includes(by.subject?.kind === hardDown ? hardDown : by.signal)) return undefined;
  return new Stop('undeclared', `${fired}, which the experiment does not expect`);
}
