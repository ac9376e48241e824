import { Option, type Command } from 'commander';
import { selectChecks } from '../check/select.ts';
import { round } from '../exercise/round.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { tellHeartbeat, type Beat } from '../notify/heartbeat.ts';
import { plannedProject } from './project.ts';
import { selectChannels } from '../project/channels.ts';
import type { SoundProject } from '../project/types.ts';
import { renderRound } from '../report/round-table.ts';
import { showsBodies, type RunFlags } from '../run/flags.ts';
import { withRunFlags } from './options.ts';
import { roundParts } from '../run/round-parts.ts';
import type { SessionRequest } from '../run/session-types.ts';
import { withSession } from '../run/session.ts';
import { summaries } from './summaries.ts';
import type { Platform } from '../run/platform.ts';

interface CheckFlags extends RunFlags {
  readonly tag?: readonly string[];
  readonly stay: boolean;
}

/** `siaga check [names…]`: one round of checks, what cron runs every hour. */
export function registerCheck(program: Command, platform: Platform): void {
  withRunFlags(program.command('check').description(summaries.check))
    .argument('[names...]', 'checks to run (default: all)')
    .addOption(new Option('--tag <tag...>', 'only checks with one of these tags'))
    .option('--no-stay', 'a single pass, whatever it finds')
    .option('--show-bodies', 'what failed answers said also in the envelope, JUnit and what GitHub shows')
    .action(async (names: string[], flags: CheckFlags) => {
      // An unknown name is told before anything is started.
      const project = await plannedProject(flags, platform);
      selectChecks(project.checks, { names, tags: flags.tag ?? [] });
      const request: SessionRequest = {
        project,
        command: 'check',
        subject: names.join(' '),
        options: {
          '--tag': flags.tag,
          '--no-stay': flags.stay ? undefined : true,
          '--show-bodies': flags.showBodies,
        },
        drill: false,
        loadRunning: false,
        needsProxies: false,
      };
      const beat = heartbeatOf(project, platform);
      await beat('start');
      const run = withSession(platform, flags, request, async (session) => {
        const parts = roundParts(session, { names, tags: flags.tag ?? [] });
        const result = await round(parts, flags.stay);
        if (!flags.json) platform.stdout(`${renderRound(result, session.judge, showsBodies(session))}\n`);
        return result;
      });
      const code = await run.catch(async (error: unknown) => {
        await beat(error instanceof SiagaError ? error.exitCode : exit.bug);
        throw error;
      });
      await beat(code);
      platform.outcome.code = code;
    });
}

/** Tells the configured heartbeat service, if any; that it cannot be told never changes a verdict. */
function heartbeatOf({ config, channels }: SoundProject, platform: Platform): (beat: Beat) => Promise<void> {
  const { heartbeat: url } = selectChannels(config, channels, platform.env);
  return async (beat) => {
    if (url === undefined) return;
    const { clock, random, heartbeat: caller } = platform;
    const why = await tellHeartbeat(beat, { url, caller, clock, random });
    if (why !== undefined) platform.stderr(`siaga: the heartbeat could not be told: ${why}\n`);
  };
}
