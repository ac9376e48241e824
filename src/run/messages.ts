import { relative, resolve } from 'node:path';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Ending } from '../exercise/ending.ts';
import { judgeChecks } from '../exercise/judge-checks.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import type { Outcome } from '../kernel/outcome.ts';
import { heartbeats } from '../notify/heartbeat.ts';
import {
  messageFacts,
  type ChannelFacts,
  type Commands,
  type HeartbeatVerdict,
  type MessageFacts,
} from '../notify/facts.ts';
import { startMessages } from '../notify/announce.ts';
import type { Dispatcher } from '../notify/dispatcher.ts';
import type { MessageChannel } from '../notify/ports.ts';
import { unheard } from '../notify/routing.ts';
import type { JudgeSpec } from '../event/specs.ts';
import type { RunJournal } from '../event/store.ts';
import { foldFindings } from '../projection/findings.ts';
import { ofType } from '../projection/pick.ts';
import { selectChannels } from '../project/channels.ts';
import type { SoundProject } from '../project/types.ts';
import { calledAt, shellWord } from '../kernel/printed.ts';
import { optionWords, type RunFlags } from './flags.ts';
import type { ResolvedTarget } from './resolve-target.ts';
import type { Platform } from './platform.ts';

/** What tells people, and that a round has been run. */
export interface Telling extends Dispatcher {
  /** Requests the heartbeat of this run on the channels that receive it. Once, when its ending is known. */
  beat(ending: Ending): void;
}

/** How long a run waits at its end for messages still on their way. */
export const drainMs = 30_000;

export interface MessageRequest {
  readonly platform: Platform;
  readonly project: SoundProject;
  readonly journal: RunJournal;
  readonly judge: JudgeSpec;
  readonly target: string;
  readonly commands: Commands;
  readonly drill: boolean;
  /** The incident that this run took over from an earlier one. */
  readonly takenOver?: string | undefined;
  /** Whether a run has ended, so that what it could not deliver is delivered now. */
  readonly runEnded?: (run: string) => boolean;
}

/**
 * Tells people what the incident engine decides, over the configured channels; what none of them receives, on this
 * terminal.
 */
export function startTelling(request: MessageRequest): Telling {
  const { platform, project, journal, judge, target, commands, drill, takenOver, runEnded } = request;
  const { channels, skipped } = selectChannels(project.config, project.channels, platform.env);
  for (const { channel, unset } of skipped)
    platform.stderr(`siaga: channel ${channel} is skipped, ${unset.join(' and ')} not set\n`);
  const opened = platform.openChannels(channels);
  const language = project.runbook.languages[0] ?? 'en';
  const configured = opened.map(({ name }): ChannelFacts => {
    const { language: own = language, standby = false, receives } = channels[name] ?? {};
    return { name, language: own, standby, ...(receives && { receives }) };
  });
  const rest = unheard(configured);
  const subject = drill ? 'drills' : 'incidents';
  if (opened.length > 0 && rest.includes(subject))
    platform.stderr(`siaga: no channel receives ${subject}; they are shown here\n`);
  const terminal = terminalChannel(platform);
  const receivers = [...configured, { name: terminal.name, language, receives: rest }];
  const link = linkOf(platform.env);
  const facts: MessageFacts = {
    ...messageFacts(project.runbook, judge, {
      system: target,
      channels: receivers,
      commands,
      announceAfter: platform.clock.now(),
      ...(link !== undefined && { link }),
    }),
    ...(takenOver !== undefined && { takenOver }),
    // In a drill the run itself says what it could not measure, to the people who are watching it.
    ...(!drill && { monitoring: { run: journal.run } }),
  };
  const dispatcher = startMessages({
    journal,
    channels: [...opened, terminal],
    clock: platform.clock,
    random: platform.random,
    // What is known must be reported even while an interrupted run is winding up.
    signal: new AbortController().signal,
    facts,
    ...(runEnded && { runEnded }),
  });
  const beat = (ending: Ending): void => {
    const round = { ...roundFacts(ending, journal.events()), at: platform.clock.now() };
    for (const draft of heartbeats(round, { ...facts, recorded: journal.recorded })) journal.append(draft);
  };
  return { ...dispatcher, beat };
}

// As the round judged each check over all of its answers. One that was not asked counts only where its last answer failed.
function roundFacts({ exitCode }: Ending, events: readonly SiagaEvent[]) {
  const answers = ofType(events, 'check.finished').filter(({ data }) => data.notAsked !== true);
  const asked = new Set(answers.map(({ data }) => data.check));
  const judged = ofType(events, 'round.measured').at(-1)?.data.checks ?? judgeChecks(events);
  const counted = judged.filter(({ check, outcome }) => outcome === 'failed' || asked.has(check));
  const named = (outcome: Outcome) =>
    counted.filter((each) => each.outcome === outcome).map(({ check }) => check);
  const found = (outcome: Outcome) => {
    const findings = foldFindings(events).filter((each) => each.outcome === outcome);
    return [...named(outcome), ...findings.map(({ name }) => name)];
  };
  const checks = {
    passed: named('passed').length,
    failed: named('failed').length,
    inconclusive: named('inconclusive').length,
  };
  const unclear = exitCode === exit.passed ? [] : found('inconclusive');
  return { verdict: beatVerdicts[exitCode], checks, failed: found('failed'), unclear } as const;
}

const beatVerdicts: Readonly<Record<ExitCode, HeartbeatVerdict>> = {
  [exit.passed]: 'passed',
  [exit.failed]: 'failed',
  [exit.usage]: 'configuration',
  [exit.inconclusive]: 'inconclusive',
  [exit.rollbackFailed]: 'rollback-failed',
  [exit.bug]: 'bug',
  [exit.interrupted]: 'interrupted',
};

/** Where a run in CI is shown. */
function linkOf(env: Platform['env']): string | undefined {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = env;
  return server && repository && id ? `${server}/${repository}/actions/runs/${id}` : undefined;
}

/** The command lines that messages name, as they run here. */
export function commandsOf(
  { called, cwd }: Pick<Platform, 'called' | 'cwd'>,
  {
    project,
    target,
    output,
    moved,
  }: Pick<RunFlags, 'project' | 'target' | 'output'> & Pick<ResolvedTarget, 'moved'>,
  run: string,
): Commands {
  const here = { '-C': project === '.' ? undefined : project };
  const subject = output === undefined ? run : shellWord(relative(cwd, resolve(cwd, output, run)));
  return {
    check: [calledAt(called, moved), 'check', ...optionWords({ ...here, '--target': target })].join(' '),
    report: [called, 'report', subject, ...optionWords(here)].join(' '),
  };
}

function terminalChannel({ stderr }: Platform): MessageChannel {
  return {
    name: 'terminal',
    send({ text }) {
      stderr(`\n${text}\n\n`);
      return Promise.resolve({ outcome: 'delivered' });
    },
  };
}
