import { selectChecks } from '../check/select.ts';
import { round } from '../exercise/round.ts';
import type { ResultEnvelope } from '../export/envelope.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { tellHeartbeat, type Beat } from '../notify/heartbeat.ts';
import type { TargetFacts } from '../event/catalogue.ts';
import { selectChannels } from '../project/channels.ts';
import { meantTarget } from '../project/select.ts';
import type { SoundProject } from '../project/types.ts';
import { renderRound } from '../report/round-table.ts';
import { showsBodies, type RunFlags } from './flags.ts';
import type { Platform } from './platform.ts';
import { plannedProject } from './project.ts';
import { roundParts } from './round-parts.ts';
import type { SessionRequest } from './session-types.ts';
import { withSession } from './session.ts';
import { requireTextfile, writeGauges } from './textfile.ts';

export interface CheckFlags extends RunFlags {
  readonly tag?: readonly string[];
  readonly stay: boolean;
}

/** A round of these checks, all of them where none is named, and its beat for the heartbeat service. */
export async function runCheck(
  platform: Platform,
  flags: CheckFlags,
  names: readonly string[],
): Promise<ExitCode> {
  requireTextfile(flags, platform);
  const project = await plannedProject(flags, platform);
  // An unknown name is reported before anything is started.
  selectChecks(project.checks, { names, tags: flags.tag ?? [] });
  const beat = heartbeatOf(project, platform);
  await beat('start');
  const code = await roundIn(platform, flags, requestOf(project, flags, names), names).catch(
    async (error: unknown) => {
      const exitCode = error instanceof SiagaError ? error.exitCode : exit.bug;
      await beat(exitCode);
      await writeGauges(
        flags,
        brokenOff(exitCode, meantTarget(project.config, flags.target), platform),
        platform,
      );
      throw error;
    },
  );
  await beat(code);
  return code;
}

// Of a round that could not begin a monitoring system hears at least that.
const brokenOff = (
  exitCode: ExitCode,
  target: TargetFacts | undefined,
  { clock }: Platform,
): ResultEnvelope => ({
  ...envelopeOf([], { command: 'check', exitCode, now: clock.now() }),
  target: target ?? null,
});

function requestOf(project: SoundProject, flags: CheckFlags, names: readonly string[]): SessionRequest {
  return {
    project,
    command: 'check',
    subject: names.join(' '),
    options: {
      '--tag': flags.tag,
      '--no-stay': flags.stay ? undefined : true,
      '--show-bodies': flags.showBodies,
      '--textfile': flags.textfile,
    },
    drill: false,
    loadRunning: false,
    breaks: 'nothing',
  };
}

function roundIn(
  platform: Platform,
  flags: CheckFlags,
  request: SessionRequest,
  names: readonly string[],
): Promise<ExitCode> {
  return withSession(platform, flags, request, async (session) => {
    const parts = roundParts(session, { names, tags: flags.tag ?? [] });
    const result = await round(parts, flags.stay);
    if (!flags.json) platform.stdout(`${renderRound(result, session.judge, showsBodies(session))}\n`);
    return result;
  });
}

/** Pings the configured heartbeat service, if any; that it cannot be reached never changes a verdict. */
function heartbeatOf({ config, channels }: SoundProject, platform: Platform): (beat: Beat) => Promise<void> {
  const { heartbeat: url } = selectChannels(config, channels, platform.env);
  return async (beat) => {
    if (url === undefined) return;
    const { clock, random, heartbeat: caller } = platform;
    const why = await tellHeartbeat(beat, { url, caller, clock, random });
    if (why !== undefined) platform.stderr(`siaga: the heartbeat service could not be pinged: ${why}\n`);
  };
}
