import { resolve } from 'node:path';
import { Option, type Command } from 'commander';
import type { AnyExperiment } from '../chaos/definition.ts';
import type { Ending } from '../exercise/ending.ts';
import { gate, type GatePart, type OnInconclusive } from '../exercise/gate.ts';
import { round } from '../exercise/round.ts';
import type { K6 } from '../load/ports.ts';
import { runLoad } from '../load/run.ts';
import { plannedProject } from './project.ts';
import { selectTarget } from '../project/select.ts';
import { withoutQuery } from '../check/text.ts';
import { urlSecrets } from '../kernel/redact.ts';
import { candidateOf, requireFree, type Candidate, type CandidateFlags } from '../run/candidate.ts';
import { secretsOfCommand, toldCommand } from '../run/command-line.ts';
import { drillIn, loadContext } from '../run/drill.ts';
import { endingOfLoad } from './load.ts';
import type { RunFlags } from '../run/flags.ts';
import { withRunFlags } from './options.ts';
import { roundParts } from '../run/round-parts.ts';
import { scenarioOf } from '../run/scenario.ts';
import { selectExperiments } from '../run/select-experiments.ts';
import type { Session } from '../run/session-types.ts';
import { withSession } from '../run/session.ts';
import { summaries } from './summaries.ts';
import { provideK6 } from './tools.ts';
import type { Platform } from '../run/platform.ts';

interface GateFlags extends RunFlags, CandidateFlags {
  readonly experiment?: readonly string[];
  readonly scenario: string;
  readonly onInconclusive: OnInconclusive;
}

const defaultScenario = 'smoke';

/** `siaga gate`: checks, load and experiments as one verdict before a deploy. */
export function registerGate(program: Command, platform: Platform): void {
  withRunFlags(program.command('gate').description(summaries.gate))
    .option('--experiment <name...>', 'experiments to run (default: none)')
    .option('--scenario <name>', 'load to run', defaultScenario)
    .addOption(
      new Option('--on-inconclusive <policy>', 'after one retry').choices(['block', 'warn']).default('block'),
    )
    .option('--up <command>', 'starts the candidate; stopped afterwards')
    .option('--wait <url>', 'the candidate is up when this answers 2xx')
    .option('--show-bodies', 'what failed answers said also in the envelope, JUnit and what GitHub shows')
    .action(async (flags: GateFlags) => {
      platform.outcome.code = await runGate(platform, flags);
    });
}

async function runGate(platform: Platform, flags: GateFlags) {
  platform.secrets.keep([...secretsOfCommand(flags.up ?? ''), ...urlSecrets(flags.wait ?? '')]);
  const dir = resolve(platform.cwd, flags.project);
  const project = await plannedProject(flags, platform);
  const { target, address } = selectTarget(project.config, flags.target, platform.env);
  const names = flags.experiment ?? [];
  const experiments = names.length === 0 ? [] : selectExperiments(project.experiments, names, target.name);
  scenarioOf(project, flags.scenario);
  await requireFree(flags, address, platform);
  const k6 = await provideK6(platform);
  const request = {
    project,
    command: 'gate',
    subject: names.map((name) => `--experiment ${name}`).join(' '),
    options: {
      '--scenario': flags.scenario === defaultScenario ? undefined : flags.scenario,
      '--on-inconclusive': flags.onInconclusive === 'block' ? undefined : flags.onInconclusive,
      '--up': flags.up === undefined ? undefined : toldCommand(flags.up),
      '--wait': flags.wait === undefined ? undefined : withoutQuery(flags.wait),
      '--show-bodies': flags.showBodies,
    },
    // Its checks and its load are real; what is broken on purpose is a drill by itself.
    drill: false,
    loadRunning: true,
    needsProxies: experiments.length > 0,
    versions: { k6: k6.version },
  };
  return withSession(platform, flags, request, async (session) => {
    const { up, wait } = flags;
    if (up === undefined) return gateIn(session, flags, partsOf(session, flags, experiments, k6));
    const onSpawn = (pid: number): void => session.guard.own(pid);
    const place = { cwd: dir, targetUrl: session.target.url, owner: session.guard.owner, onSpawn };
    const candidate = candidateOf(up, wait, place, platform);
    try {
      const parts = [candidate.part, ...partsOf(session, flags, experiments, k6)];
      return await gateIn(session, flags, parts, candidate);
    } finally {
      await candidate.stop();
    }
  });
}

function gateIn(
  { journal, signal }: Session,
  { onInconclusive }: GateFlags,
  parts: readonly GatePart[],
  candidate?: Candidate,
): Promise<Ending> {
  return gate(parts, { onInconclusive, journal, signal, ...(candidate && { candidateEnd: candidate.end }) });
}

function partsOf(
  session: Session,
  { scenario }: GateFlags,
  experiments: readonly AnyExperiment[],
  k6: K6,
): readonly GatePart[] {
  return [checksPart(session), loadPart(session, scenario, k6), ...experimentsPart(session, experiments, k6)];
}

function checksPart(session: Session): GatePart {
  return { name: 'checks', run: () => round(roundParts(session, { names: [], tags: [] }), false) };
}

function loadPart(session: Session, scenario: string, k6: K6): GatePart {
  const { name, path } = scenarioOf(session.project, scenario);
  return {
    name: 'load',
    run: async () => endingOfLoad(await runLoad({ name, script: path }, loadContext(session, k6))),
  };
}

function experimentsPart(
  session: Session,
  experiments: readonly AnyExperiment[],
  k6: K6,
): readonly GatePart[] {
  if (experiments.length === 0) return [];
  return [{ name: 'experiments', run: () => drillIn(session, experiments, k6) }];
}
