import type { MessageRequested } from '../../event/message.ts';
import type { EventOf, SiagaEvent } from '../../event/envelope.ts';
import { stepMessages, type MessageLife } from '../../projection/messages.ts';
import type { Expectation, Finding, Observation, ObservationContext } from '../definition.ts';
import { PacedCoverage } from './coverage.ts';

type Kind = EventOf<'incident.transition'>['data']['change']['kind'];

/** The incident that the experiment brings about. */
export const incident = {
  /** Declared, or reopened. */
  declared: (): Observation => reaches('an incident is declared', ['declared', 'reopened']),
  /** On fallback or contained, and inside the thresholds. */
  mitigated: (): Observation => reaches('the incident is mitigated', ['mitigated']),
} as const;

/** RECOVERED by the runbook's own criteria, before its deadline for a recovery. */
export const recovered = (): Expectation => ({
  mode: 'within',
  observation: reaches('the incident is recovered', ['recovered']),
});

/** A message about the incident: requested, delivered or failed as the outbox says. */
export function message(template: MessageRequested['template']): {
  /** Delivered over some channel. */
  sent(): Observation;
} {
  return {
    sent: () => ({
      text: `the message ${template} is sent`,
      allowed: 'delivered',
      begin: () => delivery(template),
    }),
  };
}

function reaches(text: string, kinds: readonly Kind[]): Observation {
  return { text, allowed: kinds[0] ?? '', begin: (context) => transitions(kinds, context) };
}

function transitions(kinds: readonly Kind[], { since, judge }: ObservationContext) {
  const coverage = new PacedCoverage(since, judge.bucketMs);
  const seen: EventOf<'incident.transition'>[] = [];
  return {
    step(event: SiagaEvent): Finding | undefined {
      if (event.type === 'incident.transition') seen.push(event);
      // Samples are what incidents are judged from: with them flowing, silence means that nothing happened.
      else if (event.type === 'samples') coverage.add(event.data.from, event.data.to);
      else return undefined;
      return findingOf(kinds, seen);
    },
    coverage,
  };
}

function findingOf(kinds: readonly Kind[], seen: readonly EventOf<'incident.transition'>[]): Finding {
  const hit = seen.find(({ data }) => kinds.includes(data.change.kind));
  if (hit) return { state: 'met', got: `${hit.data.incident} ${hit.data.change.kind}`, evidence: [hit.seq] };
  const got = seen.map(({ data }) => data.change.kind).join(' → ') || 'no change of an incident';
  return { state: 'broken', got, path: 'incident', evidence: seen.map(({ seq }) => seq) };
}

function delivery(template: MessageRequested['template']) {
  const messages = new Map<string, MessageLife>();
  return {
    step(event: SiagaEvent): Finding | undefined {
      stepMessages(messages, event);
      const life = 'message' in event.data ? messages.get(event.data.message) : undefined;
      return life?.template === template ? deliveryOf(life, event.seq) : undefined;
    },
  };
}

function deliveryOf({ channel, delivered, dead, failures }: MessageLife, seq: number): Finding {
  if (delivered) return { state: 'met', got: `delivered over ${channel}`, evidence: [seq] };
  const reason = (dead ?? failures.at(-1))?.reason;
  const got = reason === undefined ? 'requested, not delivered so far' : `${channel}: ${reason}`;
  return { state: 'broken', got, path: 'message', evidence: [seq] };
}
