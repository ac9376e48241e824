import { Option, type Command } from 'commander';
import { selectChecks } from '../check/select.ts';
import type { CheckFinished } from '../event/catalogue.ts';
import { round, type RoundParts } from '../exercise/round.ts';
import { tellHeartbeat, type Beat } from '../notify/heartbeat.ts';
import { plannedProject } from './project.ts';
import { selectChannels } from '../project/select.ts';
import type { SoundProject } from '../project/types.ts';
import { renderChecks } from '../report/check-table.ts';
import { judgedMetrics } from '../sampling/increase.ts';
import { runRound } from '../sampling/round.ts';
import { startSampler } from '../sampling/sampler.ts';
import { watchTargetToggles } from './actuator.ts';
import { showsBodies, withRunFlags, type RunFlags } from './options.ts';
import { askable, samplingOf } from './sampling.ts';
import type { Session, SessionRequest } from './session-types.ts';
import { withSession } from './session.ts';
import { onVerify } from './verify.ts';
import type { World } from './world.ts';

interface CheckFlags extends RunFlags {
  readonly tag?: readonly string[];
  readonly stay: boolean;
}

/** `siaga check [names…]`: one round of checks, what cron runs every hour. */
export function registerCheck(program: Command, world: World): void {
  withRunFlags(
    program
      .command('check')
      .description('run checks once; stay when something fails until the window has decided'),
  )
    .argument('[names...]', 'checks to run (default: all)')
    .addOption(new Option('--tag <tag...>', 'only checks with one of these tags'))
    .option('--no-stay', 'a single pass, whatever it finds')
    .option('--show-bodies', 'what failed answers said also in the envelope, JUnit and what GitHub shows')
    .action(async (names: string[], flags: CheckFlags) => {
      // An unknown name is told before anything is started.
      const project = await plannedProject(flags, world);
      selectChecks(project.checks, { names, tags: flags.tag ?? [] });
      const request: SessionRequest = {
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
      const beat = heartbeatOf(project, world);
      await beat('start');
      const code = await withSession(world, flags, request, async (session) => {
        const parts = roundParts(session, { names, tags: flags.tag ?? [] });
        const result = await round(parts, flags.stay);
        if (!flags.json) world.stdout(`${renderChecks(result.checks, { bodies: showsBodies(session) })}\n`);
        return result;
      });
      await beat(code);
      world.outcome.code = code;
    });
}

/** Tells the configured heartbeat service, if any; that it cannot be told never changes a verdict. */
function heartbeatOf({ config }: SoundProject, world: World): (beat: Beat) => Promise<void> {
  const { heartbeat: url } = selectChannels(config, world.env);
  return async (beat) => {
    if (url === undefined) return;
    const { clock, random, heartbeat: caller } = world;
    const why = await tellHeartbeat(beat, { url, caller, clock, random });
    if (why !== undefined) world.stderr(`siaga: the heartbeat could not be told: ${why}\n`);
  };
}

/** The parts of a round over the selected checks; also what the gate asks first. */
export function roundParts(
  session: Session,
  selection: { readonly names: readonly string[]; readonly tags: readonly string[] },
): RoundParts {
  const { journal, world, judge, signal, live, target, project } = session;
  const ctx = samplingOf(session);
  const checks = askable(selectChecks(project.checks, selection), target);
  const path = target.definition.metrics;
  return {
    journal,
    clock: world.clock,
    judge,
    signal,
    engine: live.engine,
    runRound: (): Promise<readonly CheckFinished[]> => runRound(checks, ctx),
    startSampling() {
      const unsubscribe = onVerify(session);
      const scrape =
        path === undefined
          ? {}
          : { scrape: { url: `${target.url}${path}`, every: '1s', metrics: judgedMetrics(judge) } as const };
      const sampler = startSampler({ checks, ...scrape, ctx });
      const toggles = watchTargetToggles(session);
      return {
        async stop() {
          unsubscribe();
          await Promise.all([sampler.stop(), toggles.stop()]);
        },
      };
    },
  };
}
