import { breaksOf } from '../chaos/plan.ts';
import { resolve } from 'node:path';
import type { AnyExperiment } from '../chaos/definition.ts';
import { withoutQuery } from '../check/text.ts';
import type { Ending } from '../exercise/ending.ts';
import { gate, type GatePart, type OnInconclusive } from '../exercise/gate.ts';
import { round } from '../exercise/round.ts';
import type { ExitCode } from '../kernel/exit.ts';
import { urlSecrets } from '../kernel/redact.ts';
import type { K6 } from '../load/ports.ts';
import { runLoad } from '../load/run.ts';
import { selectTarget } from '../project/select.ts';
import { candidateOf, requireFree, type Candidate, type CandidateFlags } from './candidate.ts';
import { secretsOfCommand, shownCommand } from './command-line.ts';
import { drillIn } from './drill.ts';
import type { RunFlags } from './flags.ts';
import type { Platform } from './platform.ts';
import { plannedProject } from './project.ts';
import { roundParts } from './round-parts.ts';
import { endingOfLoad, loadContext, scenarioOf } from './scenario.ts';
import { selectExperiments } from './select-experiments.ts';
import type { Session } from './session-types.ts';
import { withSession } from './session.ts';

export interface GateFlags extends RunFlags, CandidateFlags {
  readonly experiment?: readonly string[];
  readonly scenario: string;
  readonly onInconclusive: OnInconclusive;
}

export const defaultScenario = 'smoke';

/** Checks, load and experiments as one verdict before a deploy. */
export async function runGate(platform: Platform, flags: GateFlags): Promise<ExitCode> {
  platform.secrets.keep([...secretsOfCommand(flags.up ?? ''), ...urlSecrets(flags.wait ?? '')]);
  const dir = resolve(platform.cwd, flags.project);
  const project = await plannedProject(flags, platform);
  const { target, address } = selectTarget(project.config, flags.target, platform.env);
  const names = flags.experiment ?? [];
  const experiments = names.length === 0 ? [] : selectExperiments(project.experiments, names, target.name);
  scenarioOf(project, flags.scenario, platform.projectFiles);
  await requireFree(flags, address, platform);
  const k6 = await platform.k6();
  const request = {
    project,
    command: 'gate',
    subject: names.map((name) => `--experiment ${name}`).join(' '),
    options: {
      '--scenario': flags.scenario === defaultScenario ? undefined : flags.scenario,
      '--on-inconclusive': flags.onInconclusive === 'block' ? undefined : flags.onInconclusive,
      '--up': flags.up === undefined ? undefined : shownCommand(flags.up),
      '--wait': flags.wait === undefined ? undefined : withoutQuery(flags.wait),
      '--show-bodies': flags.showBodies,
    },
    // Its checks and its load are real; what is broken on purpose is a drill by itself.
    drill: false,
    loadRunning: true,
    breaks: breaksOf(experiments),
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
  const { name, path } = scenarioOf(session.project, scenario, session.platform.projectFiles);
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
