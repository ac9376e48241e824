import type { SiagaEvent } from '../event/envelope.ts';
import type { ExperimentContext } from './context.ts';
import type { AnyExperiment } from './definition.ts';
import { writeDelayMs } from './expect/track.ts';
import { after, during } from './plan.ts';
import type { FaultPort } from './ports.ts';
import { alarm } from './progress.ts';
import { Sight } from './sight.ts';
import { Stage } from './stage.ts';
import type { StageRequest } from './stage.ts';
import { Stop } from './stop.ts';
import { ToxiproxyWatch } from './watch.ts';

/**
 * What an experiment is judged by from its first fault to its end: the expectations of both stages, and alarms. Each
 * event counts only once Toxiproxy has answered after it, for until then nobody knows whether the fault was as it was set.
 */
export class Judging {
  readonly #experiment: AnyExperiment;
  readonly #context: ExperimentContext;
  readonly #halt: (stop: Stop) => void;
  readonly #sight = new Sight();
  readonly #watch: ToxiproxyWatch;
  readonly #unseen: string[] = [];
  #backlog: SiagaEvent[] = [];
  /** UTC ms: up to which events count, and where the stages began and ended. */
  #judgedUntil = 0;
  #since = 0;
  #endedAt = Number.POSITIVE_INFINITY;
  #during: Stage | undefined;
  #after: Stage | undefined;

  constructor(experiment: AnyExperiment, context: ExperimentContext, halt: (stop: Stop) => void) {
    this.#experiment = experiment;
    this.#context = context;
    this.#halt = halt;
    this.#watch = new ToxiproxyWatch(context, {
      onLook: (until) => this.#judgeUntil(until),
      onChanged: (how) =>
        halt(new Stop('tampered', `someone else changed Toxiproxy during the experiment: ${how}`)),
    });
  }

  /** For whoever puts faults in and takes them out. */
  get port(): FaultPort {
    return this.#watch.port;
  }

  get stages(): readonly [Stage | undefined, Stage | undefined] {
    return [this.#during, this.#after];
  }

  /** What is waited for after the fault. */
  get waiting(): Stage['waiting'] {
    return this.#after?.waiting ?? [];
  }

  /** Stages of which too little was seen, in words. */
  get unseen(): readonly string[] {
    return this.#unseen;
  }

  take(event: SiagaEvent): void {
    this.#sight.take(event);
    this.#backlog.push(event);
  }

  /** Looks after Toxiproxy while `act` breaks the system and waits for its recovery. */
  async during(act: () => Promise<void>): Promise<void> {
    this.#backlog = [];
    const over = new AbortController();
    await this.#watch.look();
    const watching = this.#watch.run(over.signal);
    try {
      await act();
    } finally {
      over.abort();
      await watching;
      await this.#watch.look();
    }
  }

  /** @param since UTC ms, when the first fault was in. */
  openDuring(since: number): void {
    this.#since = since;
    const { during: expectations } = this.#experiment;
    this.#during = this.#open({ facts: during(this.#experiment), expectations, since });
  }

  /** What is observed from now on no longer belongs to the fault. */
  endDuring(): void {
    this.#endedAt = this.#context.clock.now();
    this.#during?.end(this.#endedAt);
    if (this.#during) this.#doubt(this.#since, this.#endedAt);
  }

  /** @param since UTC ms, when the last fault was out. */
  async openAfter(since: number): Promise<void> {
    await this.#watch.look();
    this.#since = since;
    const { after: expectations } = this.#experiment;
    this.#after = this.#open({ facts: after(this.#experiment, this.#context.judge), expectations, since });
  }

  /** Settles what is overdue, and the first stage once what was observed in it must have been written. */
  expire(): void {
    this.#during?.expire(this.#judgedUntil);
    this.#after?.expire(this.#judgedUntil);
    if (this.#judgedUntil > this.#endedAt + writeDelayMs) this.#during?.close(this.#judgedUntil);
  }

  /** Settles what is left, the last stage having lasted until now. */
  async close(): Promise<void> {
    const until = this.#context.clock.now();
    await this.#watch.look();
    this.#during?.close(until);
    this.#after?.close(until);
    this.#doubt(this.#since, until);
  }

  #open(stage: Pick<StageRequest, 'facts' | 'expectations' | 'since'>): Stage {
    const { journal, judge } = this.#context;
    const { name } = this.#experiment;
    return new Stage({
      ...stage,
      experiment: name,
      judge,
      journal,
      sight: this.#sight,
      pending: this.#backlog,
    });
  }

  #judgeUntil(until: number): void {
    this.#judgedUntil = until;
    const known = this.#backlog.filter(({ at }) => at <= until);
    this.#backlog = this.#backlog.filter(({ at }) => at > until);
    for (const event of known) {
      const stop = alarm(event, this.#experiment.expects, this.#sight);
      this.#during?.take(event);
      this.#after?.take(event);
      if (stop) this.#halt(stop);
    }
  }

  #doubt(from: number, to: number): void {
    const doubt = this.#sight.doubt(from, to);
    if (doubt !== undefined) this.#unseen.push(doubt);
  }
}
