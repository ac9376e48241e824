import type { Subject } from '../event/message.ts';
import type { ChannelFacts } from './facts.ts';

const subjects: readonly Subject[] = ['incidents', 'drills', 'monitoring'];

/** Whether a channel receives something; a channel that says nothing gets real incidents only. */
export function receives({ receives: wanted = ['incidents'] }: ChannelFacts, subject: Subject): boolean {
  return wanted.includes(subject);
}

/** What none of these channels receives at once: one on standby only gets what another refused. */
export function unheard(channels: readonly ChannelFacts[]): readonly Subject[] {
  const first = channels.filter(({ standby }) => standby !== true);
  return subjects.filter((subject) => !first.some((channel) => receives(channel, subject)));
}
