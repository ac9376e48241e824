import type { DrillLease, ExperimentFinished, ExperimentPhase } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { formatMs } from '../kernel/duration.ts';
import { messageOf } from '../kernel/errors.ts';
import type { ExperimentContext } from './context.ts';
import { patience } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { factsOf } from './injection.ts';
import { Judging } from './judging.ts';
import { leftBehind, takenByOthers } from './left-behind.ts';
import { asStop, runMethod } from './method.ts';
import type { MethodResult } from './method.ts';
import type { Holder } from './names.ts';
import type { Lease } from './ports.ts';
import { assertMayBreak, assertMayStop } from './permission.ts';
import { brokenProcesses, expectationsOf, injectionsOf } from './plan.ts';
import { advance, loadStop, untouched } from './progress.ts';
import type { Progress } from './progress.ts';
import { settleToggles, settleUnjudged } from './settle-rest.ts';
import { reachSteadyState } from './steady.ts';
import type { Baseline } from './steady.ts';
import { Stop } from './stop.ts';
import { ToggleSession } from './toggle-session.ts';
import { timingsOf } from '../projection/timings.ts';
import { wordsOf } from '../effect/toggle/set.ts';
import { assertRunnable } from './validate.ts';
import { judgeEnding } from './verdict.ts';

/**
 * Runs one experiment: lease → prepare → steady state → method → rollback → recovery → verdict, each phase an event.
 * The rollback happens whatever happens. Only what cannot be begun rejects, and then nothing was touched.
 * @throws {SiagaError} `invalid-definitions`, `chaos-forbidden` (exit 2).
 */
export async function runExperiment(
  experiment: AnyExperiment,
  context: ExperimentContext,
): Promise<ExperimentFinished> {
  assertRunnable(experiment, context);
  assertMayBreak(context.target, context.faults.url || context.target.url);
  assertMayStop(context.target, brokenProcesses(experiment));
  return new ExperimentRun(experiment, context).complete();
}

/** One run of one experiment: what it knows while it goes through its phases. */
class ExperimentRun {
  readonly #experiment: AnyExperiment;
  readonly #context: ExperimentContext;
  readonly #toggles: ToggleSession;
  readonly #stop = new AbortController();
  readonly #firstSeq: number;
  readonly #judging: Judging;
  #progress: Progress = untouched;
  #loadGone: Stop | undefined;
  #method: MethodResult = { proofs: [], undone: [] };
  #unrecovered: string | undefined;

  constructor(experiment: AnyExperiment, context: ExperimentContext) {
    this.#experiment = experiment;
    this.#context = context;
    this.#toggles = new ToggleSession(experiment, context);
    const events = context.journal.events();
    this.#firstSeq = events.at(-1)?.seq ?? 0;
    this.#judging = new Judging(experiment, context, (stop) => this.#halt(stop));
    for (const event of events) {
      this.#progress = advance(this.#progress, event);
      this.#loadGone = loadStop(this.#loadGone, event);
    }
  }

  async complete(): Promise<ExperimentFinished> {
    const { journal } = this.#context;
    this.#announce();
    const unsubscribe = journal.subscribe((event) => this.#take(event));
    const unlink = this.#linkSignals();
    try {
      await this.#underLease();
    } catch (error) {
      this.#halt(asStop(error));
    } finally {
      unlink();
      unsubscribe();
    }
    return this.#finish();
  }

  #announce(): void {
    const { journal, judge, clock } = this.#context;
    const { name, requirements, hypothesis, expects } = this.#experiment;
    const faults = injectionsOf(this.#experiment, judge, journal.run, clock.now(), this.#faultsSoFar()).map(
      ({ injection, forMs }) => factsOf(injection, forMs),
    );
    const expectations = expectationsOf(this.#experiment, judge);
    journal.append({
      type: 'experiment.started',
      data: { name, requirements, hypothesis, expects, faults, expectations },
    });
  }

  #faultsSoFar(): number {
    return this.#context.journal.events().filter(({ type }) => type === 'fault.planned').length;
  }

  #take(event: SiagaEvent): void {
    this.#progress = advance(this.#progress, event);
    this.#judging.take(event);
    this.#loadGone = loadStop(this.#loadGone, event);
    if (this.#loadGone) this.#halt(this.#loadGone);
  }

  #halt(stop: Stop): void {
    if (!this.#stop.signal.aborted) this.#stop.abort(stop);
  }

  #linkSignals(): () => void {
    const { signal, guard } = this.#context;
    return linkAll([
      [signal, () => this.#halt(new Stop('interrupted', 'interrupted; everything was undone'))],
      [
        guard.lost,
        () => this.#halt(new Stop('guard-lost', 'the guard ended: without it nothing is broken on purpose')),
      ],
    ]);
  }

  async #underLease(): Promise<void> {
    const { faults, guard, journal } = this.#context;
    if (this.#loadGone) throw this.#loadGone;
    this.#stop.signal.throwIfAborted();
    const recipe = await faults.undoOfLease(journal.run);
    if (recipe) await guard.pending({ id: `${journal.run} lease`, order: 'last', recipe });
    const lease = await faults.lease(journal.run, {
      experiment: this.#experiment.name,
      ...(guard.pid !== undefined && { guard: guard.pid }),
      onHeld: (state, holder) => this.#leased(state, holder),
    });
    try {
      await this.#holding(lease);
    } finally {
      await lease[Symbol.asyncDispose]();
      this.#leased('released', lease.holder);
    }
  }

  /** Other processes of this project learn from the events that a drill is on, where they cannot ask Toxiproxy. */
  #leased(state: DrillLease['state'], { expiresAt, processes = [] }: Holder): void {
    const { name } = this.#experiment;
    this.#context.journal.append({
      type: 'drill.lease',
      data: { state, experiment: name, expiresAt, processes },
    });
  }

  async #holding(lease: Lease): Promise<void> {
    const unlink = linkAll([
      [lease.lost, () => this.#halt(new Stop('lease-lost', messageOf(lease.lost.reason)))],
    ]);
    try {
      await this.#phases();
    } catch (error) {
      this.#halt(asStop(error));
    } finally {
      unlink();
      await this.#toggles.end();
    }
  }

  async #phases(): Promise<void> {
    const baseline = await this.#steady();
    this.#phase('method');
    this.#progress = { ...untouched, proposals: this.#progress.proposals };
    await this.#judging.during(() => this.#breakAndRecover(baseline));
  }

  async #breakAndRecover(baseline: Baseline): Promise<void> {
    const stop = this.#stop;
    this.#method = await runMethod({
      experiment: this.#experiment,
      context: { ...this.#context, faults: this.#judging.port },
      baseline,
      progress: () => this.#progress,
      stop,
      onInjected: (at) => this.#judging.openDuring(at),
      onLook: () => this.#look(),
      onRollback: () => this.#rollback(),
    });
    stop.signal.throwIfAborted();
    await this.#recover();
  }

  /** Preparing restarts the system, which may be an incident of its own: that one recovers first, then once more. */
  async #steady(): Promise<Baseline> {
    try {
      return await this.#prepare();
    } catch (error) {
      const own = error instanceof Stop && error.kind === 'steady-state' && this.#progress.open;
      if (!own) throw error;
      await this.#toggles.undo();
      await this.#untilClosed();
      return this.#prepare();
    }
  }

  async #prepare(): Promise<Baseline> {
    this.#phase('prepare');
    await this.#toggles.prepare();
    this.#phase('steady-state');
    const open = () => this.#progress.open;
    return reachSteadyState(this.#experiment, this.#context, open, this.#stop.signal);
  }

  /** A system that does not come back inside its thresholds is not waited for until the runbook's deadline. */
  async #untilClosed(): Promise<void> {
    const { clock, judge } = this.#context;
    const deadline = clock.monotonic() + judge.recovery.deadlineMs;
    const hopeMs = patience.steadyMs + 2 * judge.bucketMs + judge.latenessMs;
    let hopeless = clock.monotonic() + hopeMs;
    while (this.#progress.open && clock.monotonic() < Math.min(deadline, hopeless)) {
      if (this.#progress.mitigated) hopeless = clock.monotonic() + hopeMs;
      await this.#toggles.follow(this.#progress, false);
      await clock.sleep(patience.lookMs, this.#stop.signal);
    }
  }

  #phase(phase: ExperimentPhase): void {
    this.#context.journal.append({
      type: 'experiment.phase',
      data: { experiment: this.#experiment.name, phase },
    });
  }

  #rollback(): void {
    this.#judging.endDuring();
    this.#phase('rollback');
  }

  #look(): void {
    this.#judging.expire();
    const { containWhen } = this.#experiment;
    const due =
      containWhen === undefined ? this.#progress.declared : this.#progress.fired.includes(containWhen);
    if (due) this.#toggles.contain().catch((error: unknown) => this.#halt(asStop(error)));
  }

  /** Until everything expected has come, the incident is over and the toggles are back; at most the runbook's deadline. */
  async #recover(): Promise<void> {
    this.#phase('recovery');
    const { clock, judge } = this.#context;
    await this.#judging.openAfter(Math.max(...this.#method.undone.map(({ undone }) => undone.event.at)));
    const began = clock.monotonic();
    const elapsed = () => clock.monotonic() - began;
    while (!this.#recovered(elapsed()) && elapsed() < judge.recovery.deadlineMs) {
      this.#judging.expire();
      await this.#toggles.follow(this.#progress, this.#nobodyToWaitFor(elapsed()));
      await clock.sleep(patience.lookMs, this.#stop.signal);
    }
    if (this.#progress.open)
      this.#unrecovered = `not recovered within ${formatMs(judge.recovery.deadlineMs)}`;
    await this.#judging.close();
  }

  /** An incident may still be declared until the bucket in which the fault ended has closed. */
  #nobodyToWaitFor(elapsedMs: number): boolean {
    const { bucketMs, latenessMs } = this.#context.judge;
    return !this.#progress.open && elapsedMs > bucketMs + latenessMs + 1_000;
  }

  #recovered(elapsedMs: number): boolean {
    if (!this.#nobodyToWaitFor(elapsedMs) || this.#toggles.dirty) return false;
    const { waiting } = this.#judging;
    // Where no incident was declared, what waits for its recovery waits in vain.
    const { deadlineMs } = this.#context.judge.recovery;
    return this.#progress.declared
      ? waiting.length === 0
      : waiting.every((each) => each.deadlineMs === deadlineMs);
  }

  async #finish(): Promise<ExperimentFinished> {
    const { journal, judge } = this.#context;
    const stop: Stop | undefined = this.#stop.signal.aborted ? asStop(this.#stop.signal.reason) : undefined;
    const toggles = this.#toggles.left;
    const results = [
      ...settleUnjudged(this.#experiment, this.#context, this.#judging.stages, stop !== undefined),
      ...settleToggles(this.#experiment, this.#context, toggles),
    ];
    const left = await leftBehind(this.#context, this.#method);
    const judgement = judgeEnding({
      stop,
      leftBehind: toggles.length > 0 ? [...left, `toggles were left changed: ${wordsOf(toggles)}`] : left,
      takenByOthers: takenByOthers(this.#method),
      proofs: this.#method.proofs,
      results,
      unrecovered: this.#unrecovered,
      unseen: this.#judging.unseen,
    });
    const events = journal.events().filter(({ seq }) => seq > this.#firstSeq);
    const { name } = this.#experiment;
    const data = { name, ...judgement, timings: timingsOf(events, judge.bucketMs) };
    journal.append({ type: 'experiment.finished', data });
    this.#phase('settled');
    return data;
  }
}

type Link = readonly [AbortSignal, () => void];

/** Calls each when its signal aborts, at once where it has; returns the undoing. */
function linkAll(links: readonly Link[]): () => void {
  for (const [signal, act] of links) {
    if (signal.aborted) act();
    else signal.addEventListener('abort', act);
  }
  return () => {
    for (const [signal, act] of links) signal.removeEventListener('abort', act);
  };
}
