import { join, resolve } from 'node:path';
import { endpointOf } from '../check/definition.ts';
import type { Invocation, RunFinished, RunStarted } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { judgeLive } from '../exercise/live-judge.ts';
import { verdictOf } from '../exercise/drill.ts';
import type { Ending } from '../exercise/ending.ts';
import { resume, runEnded } from '../exercise/resume.ts';
import { tellSetBack } from '../exercise/gap.ts';
import { withIncidents } from '../exercise/standing.ts';
import { toMs } from '../kernel/to-ms.ts';
import { commandLine } from '../kernel/printed.ts';
import { exit, type ExitCode } from '../kernel/exit.ts';
import { selectTarget } from '../project/select.ts';
import { compileJudge } from '../runbook/judge.ts';
import type { Runbook } from '../runbook/types.ts';
import { metricsEveryMs, planOf } from '../sampling/plan.ts';
import { withCoverage } from '../sampling/coverage.ts';
import type { JudgeSpec } from '../event/specs.ts';
import { conclude } from './conclude.ts';
import { commandsOf, drainMs, startTelling } from './messages.ts';
import { guardOnDemand } from './guard.ts';
import { showProgress } from './progress.ts';
import { resolveTarget, type ResolvedTarget } from './resolve-target.ts';
import { optionWords, type RunFlags } from './flags.ts';
import { runId } from './run-id.ts';
import type { Session, SessionRequest } from './session-types.ts';
import { settle, unlessBroken } from './settle.ts';
import { watchDrills } from './watch-drills.ts';
import type { Platform } from './platform.ts';

/**
 * Reaches the target, opens the journal, runs the body, and closes all of it again in order,
 * whatever happens: the run's end is written, the reports are made, what was started is stopped.
 */
export async function withSession(
  platform: Platform,
  flags: RunFlags,
  request: SessionRequest,
  body: (session: Session) => Promise<Ending>,
): Promise<ExitCode> {
  const dir = resolve(platform.cwd, flags.project);
  const { project } = request;
  const selected = selectTarget(project.config, flags.target, platform.env);
  const run = runId(platform, request.command);
  const known = platform.projectFiles.exists(join(dir, '.siaga'));
  // People are told of an outage also where nothing can be written; nothing is broken on purpose without a record.
  const open = request.command === 'check' ? platform.openStoreOrNone : platform.openStore;
  const store = open(join(dir, '.siaga', 'siaga.db'));
  const state = known ? 'project' : 'stateless';
  if (!known) platform.stderr('siaga: no history from earlier runs\n');
  const kept = { path: store.path, target: selected.called };
  const guard = guardOnDemand(run, () => platform.startGuard(run, kept));
  try {
    if (request.loadRunning) await guard.ready();
    const target = await resolveTarget(
      {
        projectDir: dir,
        selected,
        breaks: request.breaks,
        guard,
        ...(flags.speed !== undefined && { speed: flags.speed }),
      },
      platform,
    );
    platform.secrets.keep(target.secrets);
    tellElsewhere(target, platform);
    try {
      return await runIn({ platform, flags, request, project, target, store, guard, run, state }, body);
    } finally {
      await target.reference?.stop();
    }
  } finally {
    await guard.done();
    store.close();
  }
}

/** What is judged of one system must not be read from another without a word. */
function tellElsewhere({ moved, reference, toggles }: ResolvedTarget, platform: Platform): void {
  if (moved === undefined || reference !== undefined || toggles === undefined) return;
  const { origin } = new URL(toggles.url);
  if (origin !== new URL(moved).origin)
    platform.stderr(`siaga: SIAGA_TARGET_URL asks ${moved}, but toggles are still read at ${origin}\n`);
}

interface Opened extends Pick<
  Session,
  'platform' | 'flags' | 'project' | 'target' | 'store' | 'guard' | 'run'
> {
  readonly request: SessionRequest;
  readonly state: RunStarted['state'];
}

async function runIn(opened: Opened, body: (session: Session) => Promise<Ending>): Promise<ExitCode> {
  const { platform, flags, project, target, store, run, request } = opened;
  const folder = join(resolve(platform.cwd, flags.output ?? join(project.dir, 'reports')), run);
  const core = project.checks.filter(({ tags }) => tags.includes(project.runbook.recovery.checks));
  const compiled = compileJudge(project.runbook, {
    speed: target.speed,
    loadRunning: request.loadRunning,
    coreChecks: core.map(({ name }) => name),
  });
  const plan = planOf(compiled, {
    checks: project.checks,
    loads: request.loadRunning ? [{ name: 'load', rate: 0 }] : [],
    metricsEveryMs: metricsEveryMs.round,
    own: project.sources,
  });
  const judge = withCoverage(compiled, plan);
  const journal = store.journal({
    run,
    target: target.name,
    clock: platform.clock,
    boot: platform.boot,
    folder,
    onProblem: ({ message }) => platform.stderr(`siaga: ${message}\n`),
  });
  const others = { store, target: target.name, hasEnded: platform.hasEnded };
  const live = judgeLive({ journal, clock: platform.clock, judge, others });
  journal.append({ type: 'run.started', data: startedFacts(opened, judge) });
  tellSetBack(store, journal, target.name);
  const takenOver = request.drill ? undefined : await resume({ ...others, journal, judge });
  const signal = AbortSignal.any([platform.interrupted, live.broken]);
  const session: Session = { ...opened, judge, journal, live, folder, core, signal };
  // A round that passes at once has nothing to show.
  const hide = showProgress(journal, platform, request.command === 'check' ? stays : undefined);
  const telling = startTelling({
    platform,
    project,
    journal,
    judge,
    target: target.name,
    commands: commandsOf(platform, { ...flags, moved: target.moved }, run),
    drill: request.drill,
    takenOver,
    runEnded: (earlier) => runEnded(others, earlier),
  });
  const drills = await watchDrills(session);
  const settled = await settle(session, body);
  await drills.stop();
  await live.stop();
  const ending = withIncidents(unlessBroken(session, live.broken, settled), {
    events: journal.events(),
    engine: live.engine,
    judge,
    now: platform.clock.now(),
    openBefore: request.command === 'check' ? exit.failed : exit.inconclusive,
  });
  if (request.command === 'check') telling.beat(ending);
  await telling.drain(drainMs);
  await telling.stop();
  journal.append({ type: 'run.finished', data: finishedFacts(ending) });
  journal.finish();
  hide();
  await conclude(session, ending);
  return ending.exitCode;
}

const stays = ({ type, data }: SiagaEvent): boolean => type === 'run.phase' && data.part === 'staying';

function finishedFacts({ exitCode, reason }: Ending): RunFinished {
  return { verdict: verdictOf(exitCode), exitCode, reason };
}

function startedFacts(
  { platform, flags, project, target, request, state }: Opened,
  judge: JudgeSpec,
): RunStarted {
  const { called } = platform;
  const invocation = invocationOf(request, flags, target);
  return {
    process: platform.ownMark(),
    command: request.command,
    subject: request.subject,
    target: { name: target.name, url: safeUrl(target.url) },
    drill: request.drill,
    judge,
    contacts: project.runbook.contacts.map(({ role, name }) => ({ role, name })),
    endpoints: [
      ...new Set(
        project.checks.filter(({ tags }) => tags.includes(project.runbook.recovery.checks)).map(endpointOf),
      ),
    ],
    versions: { siaga: platform.version, node: platform.node, ...request.versions },
    state,
    repeat: commandLine({ called, ...invocation }, atSpeed(invocation.words, target.speed)),
    invocation,
    called,
    ...(flags.showBodies === true && { showBodies: true }),
    documents: deadlines(project.runbook.documents),
  };
}

function deadlines({ draft, report, review }: Runbook['documents']): NonNullable<RunStarted['documents']> {
  return { draftMs: toMs(draft), reportMs: toMs(report), reviewMs: toMs(review) };
}

function safeUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname.replace(/\/+$/, '')}`;
}

const atSpeed = (words: string, speed: number): string => (speed === 1 ? words : `${words} --speed ${speed}`);

function invocationOf(
  { command, subject, options = {} }: SessionRequest,
  { project, target }: RunFlags,
  { moved }: ResolvedTarget,
): Invocation {
  return {
    words: [command, subject, ...optionWords(options)].filter(Boolean).join(' '),
    ...(project !== '.' && { project }),
    ...(target !== undefined && { target }),
    ...(moved !== undefined && { address: moved }),
  };
}
