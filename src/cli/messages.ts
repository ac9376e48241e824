import { messageFacts, type ChannelFacts } from '../notify/facts.ts';
import { startMessages } from '../notify/messages.ts';
import type { Courier } from '../notify/courier.ts';
import type { MessageChannel } from '../notify/ports.ts';
import { unheard } from '../notify/routing.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { RunJournal } from '../event/store.ts';
import { selectChannels } from '../project/select.ts';
import type { SoundProject } from '../project/types.ts';
import type { World } from './world.ts';

/** How long a run waits at its end for messages still on their way. */
export const drainMs = 30_000;

export interface MessageRequest {
  readonly world: World;
  readonly project: SoundProject;
  readonly journal: RunJournal;
  readonly judge: JudgeSpec;
  readonly drill: boolean;
  /** The incident that this run took over from an earlier one. */
  readonly takenOver?: string | undefined;
}

/**
 * Tells people what the incident engine decides, over the configured channels; what none of them receives, on this
 * terminal.
 */
export function startTelling(request: MessageRequest): Courier {
  const { world, project, journal, judge, drill, takenOver } = request;
  const { channels, skipped } = selectChannels(project.config, world.env);
  for (const { channel, unset } of skipped)
    world.stderr(`siaga: channel ${channel} is skipped, ${unset.join(' and ')} not set\n`);
  const opened = world.openChannels(channels);
  const language = project.runbook.languages[0] ?? 'en';
  const configured = opened.map(({ name }): ChannelFacts => {
    const { language: own = language, standby = false, receives } = channels[name] ?? {};
    return { name, language: own, standby, ...(receives && { receives }) };
  });
  const rest = unheard(configured);
  const subject = drill ? 'drills' : 'incidents';
  if (opened.length > 0 && rest.includes(subject))
    world.stderr(`siaga: no channel receives ${subject}; they are told here\n`);
  const terminal = terminalChannel(world);
  const facts = [...configured, { name: terminal.name, language, receives: rest }];
  return startMessages({
    journal,
    channels: [...opened, terminal],
    clock: world.clock,
    random: world.random,
    // What is known must be told even while an interrupted run is winding up.
    signal: new AbortController().signal,
    facts: {
      ...messageFacts(project.runbook, judge, facts, world.clock.now()),
      ...(takenOver !== undefined && { takenOver }),
    },
  });
}

function terminalChannel({ stderr }: World): MessageChannel {
  return {
    name: 'terminal',
    send({ text }) {
      stderr(`\n${text}\n\n`);
      return Promise.resolve({ outcome: 'delivered' });
    },
  };
}
