import type { Draft } from '../event/envelope.ts';
import { ofType } from '../projection/pick.ts';
import { heading } from './collect.ts';
import { phrases, refused, request, sentTo } from './compose.ts';
import type { ChannelFacts, MessageFacts, MonitoringFacts } from './facts.ts';
import { receives } from './routing.ts';
import type { Story } from './story.ts';
import { monitoringText } from './texts/messages.ts';

/** What can be wrong with our own measuring; each is reported once a run. */
type Trouble = MonitoringFacts['trouble'];

/**
 * The prober alerts of this run that are due on a channel: monitoring is blind, or we were too late to measure.
 * They are about us, so nobody is told who only receives incidents. In a drill the run itself says so.
 */
export function monitoringAlerts(story: Story, channel: ChannelFacts, facts: MessageFacts): readonly Draft[] {
  if (facts.monitoring === undefined || !receives(channel, 'monitoring')) return [];
  const incident = `monitoring ${facts.monitoring.run}`;
  const sent = sentTo(story, channel, incident);
  const due = troublesOf(story).filter(
    ({ ordinal }) =>
      !sent.some(({ transition }) => transition === ordinal) &&
      (channel.standby !== true || refused(story, { incident, ordinal }, facts)),
  );
  return due.map(({ ordinal, at, trouble }, index) => {
    const number = sent.length + index + 1;
    const message = { ...heading({ drill: false, incident, effectiveAt: at }, facts, number), trouble };
    const text = monitoringText(message, phrases[channel.language]);
    return request({ channel, number, facts }, { incident, ordinal }, 'MONITORING', text);
  });
}

interface Found {
  readonly ordinal: number;
  readonly at: number;
  readonly trouble: Trouble;
}

function troublesOf({ events }: Story): readonly Found[] {
  const found: Found[] = [];
  const blind = ofType(events, 'incident.blind');
  const last = blind.at(-1);
  if (last !== undefined) {
    const signals = [...new Set(blind.map(({ data }) => data.signal))];
    found.push({ ordinal: 1, at: last.at, trouble: { kind: 'blind', signals } });
  }
  const first = ofType(events, 'check.finished').find(
    ({ data: { late, outcome } }) => late === true && outcome === 'inconclusive',
  );
  if (first !== undefined) {
    const { check, latenessMs, loopLagMs } = first.data;
    const trouble = { kind: 'late', check, latenessMs, stoodStillMs: loopLagMs } as const;
    found.push({ ordinal: 2, at: first.at, trouble });
  }
  return found;
}
