import type { Draft } from '../event/envelope.ts';
import { refused, request, sentTo, words } from './compose.ts';
import type { ChannelFacts, MessageFacts, MonitoringFacts } from './facts.ts';
import { receives } from './routing.ts';
import type { Story } from './story.ts';

/** What can be wrong with our own measuring; each is told once a run. */
type Trouble = MonitoringFacts['trouble'];

/**
 * The prober alerts of this run that are due on a channel: monitoring is blind, or results came too late to be believed.
 * They are about us, so nobody is told who only receives incidents. In a drill the run itself says so.
 */
export function monitoringAlerts(story: Story, channel: ChannelFacts, facts: MessageFacts): readonly Draft[] {
  if (facts.monitoring === undefined || !receives(channel, 'monitoring')) return [];
  const incident = `monitoring ${facts.monitoring.run}`;
  const sent = sentTo(story, channel, incident);
  const due = troublesOf(story).filter(
    ({ ordinal }) =>
      !sent.some(({ transition }) => transition === ordinal) &&
      (channel.standby !== true || refused(story, { incident, ordinal })),
  );
  return due.map(({ ordinal, at, trouble }, index) => {
    const number = sent.length + index + 1;
    const lines = words[channel.language].monitoring(alertFacts(facts, { incident, number, at, trouble }));
    return request({ channel, number }, { incident, ordinal }, 'MONITORING', lines);
  });
}

interface Found {
  readonly ordinal: number;
  readonly at: number;
  readonly trouble: Trouble;
}

function troublesOf({ blind, late }: Story): readonly Found[] {
  const found: Found[] = [];
  const last = blind.at(-1);
  if (last !== undefined) {
    const trouble = { kind: 'blind', signals: [...new Set(blind.map(({ signal }) => signal))] } as const;
    found.push({ ordinal: 1, at: last.at, trouble });
  }
  if (late !== undefined) {
    const { check, reason, at } = late;
    found.push({ ordinal: 2, at, trouble: { kind: 'late', check, reason } });
  }
  return found;
}

function alertFacts(
  { judge, recorded, monitoring }: MessageFacts,
  { trouble, ...rest }: Omit<Found, 'ordinal'> & { readonly incident: string; readonly number: number },
): MonitoringFacts {
  const titleOf = (signal: string) => judge.signals.find(({ name }) => name === signal)?.title ?? signal;
  return {
    ...rest,
    drill: false,
    zone: judge.zone,
    speed: judge.speed,
    recorded,
    target: monitoring?.target ?? '',
    trouble: trouble.kind === 'blind' ? { ...trouble, signals: trouble.signals.map(titleOf) } : trouble,
  };
}
