import type { CheckFinished, RunPhase } from '../../src/event/catalogue.ts';
import type { Severity, SignalSpec } from '../../src/event/specs.ts';
import { Facts, type Band, type Closed } from './facts.ts';
import { gaugeOf, HardDown } from './hard-down.ts';
import type { Said, Verdict } from './subject.ts';
import type { Input, World } from './world.ts';

/**
 * A second judge of incidents, written from docs/verdicts.md and sharing no code with the first: clear before fast, so
 * that each rule can be held against its sentence.
 */
export function judgedByOracle(world: World): Verdict {
  const target = new Target();
  for (const input of world) target.take(input);
  return target.verdict();
}

interface Hold {
  readonly notBefore: number;
  good: number;
  unknownInRow: number;
  from: number | undefined;
}

/** An open incident. */
interface Incident {
  readonly number: number;
  ordinal: number;
  readonly drill: boolean;
  severity: Severity;
  readonly signals: string[];
  /** Those that the figures of a load told first, and the run of it. */
  readonly ofLoad: Map<string, string>;
  holdBuckets: number;
  keeper: string;
  phase: 'degraded' | 'mitigated' | 'restoring' | 'recovering' | 'verifying';
  /** Of its fallback: since when it lasts, and whether it was handed over. */
  fallbackSince: number;
  stable: boolean;
  reviewAt: number;
  providerGood: number;
  proposedIn: number;
  hold: Hold;
  /** Core checks are asked since then; what they have answered. */
  askedSince: number;
  results: Map<string, boolean>;
  /** When what fires was last told of each: another run that sees the same has nothing to add. */
  readonly told: Map<string, number>;
  /** Buckets before this one were not seen by the run that took it over. */
  unseenBefore: number;
  digest: { at: number; ordinal: number } | undefined;
}

interface Firing {
  readonly signal: string;
  readonly severity: Severity;
  readonly kind: 'signal' | 'check' | 'state' | 'toggle' | 'hard-down';
  readonly again: boolean;
  readonly value: number | null;
  readonly n: number;
}

interface Recovered {
  readonly number: number;
  readonly ordinal: number;
  readonly at: number;
}

/** What went before: what reopens, and what counts for flapping. */
interface Past {
  recovered: Recovered | undefined;
  /** Declarations, reopenings and recoveries. */
  changes: number[];
  holdBuckets: number | undefined;
}

const noPast = (): Past => ({ recovered: undefined, changes: [], holdBuckets: undefined });

/** What all runs on the target share. */
class Target {
  readonly #runs = new Map<string, Run>();
  readonly #said: Said[] = [];
  readonly #blind: (readonly [string, string])[] = [];
  /** The last word of each run: its start, a tick or its end. */
  readonly lastWords = new Map<string, number>();
  readonly finished = new Set<string>();
  readonly #exits = new Map<string, number>();
  #count = 0;
  open: Incident | undefined;
  readonly past = noPast();
  /** Whether each check passed last, whichever run asked it. */
  readonly lastChecks = new Map<string, boolean>();

  take(input: Input): void {
    let run = this.#runs.get(input.run);
    if (!run && input.type === 'run.started') {
      run = new Run(this, input.run, input.data.judge, new Map(this.lastChecks), input.at);
      this.#runs.set(input.run, run);
    }
    run?.take(input);
    if (input.type === 'check.finished' && input.data.outcome !== 'inconclusive')
      this.lastChecks.set(input.data.check, input.data.outcome === 'passed');
    if (input.type === 'run.finished') this.finished.add(input.run);
    if (['run.started', 'tick', 'run.finished'].includes(input.type)) this.lastWords.set(input.run, input.at);
  }

  nextNumber(): number {
    return (this.#count += 1);
  }

  say(
    run: string,
    incident: Incident,
    at: number,
    kind: Said['kind'],
    facts: Said['facts'] = {},
    closes = false,
  ): void {
    incident.ordinal += 1;
    const { number, ordinal, drill, phase, severity, signals, holdBuckets, keeper } = incident;
    const after = { phase, severity, signals: [...signals], holdBuckets, ...(!drill && { keeper }) };
    this.#said.push({ run, incident: number, ordinal, at, drill, kind, ...(!closes && after), facts });
  }

  blind(run: string, signal: string): void {
    this.#blind.push([run, signal]);
  }

  verdict(): Verdict {
    for (const [name, run] of this.#runs) this.#exits.set(name, run.exit());
    return { said: this.#said, blind: this.#blind, exits: Object.fromEntries(this.#exits) };
  }
}

class Run {
  readonly #target: Target;
  readonly #name: string;
  readonly #facts: Facts;
  #down: HardDown;
  #nextBucket: number;
  #inDrill = false;
  #drill: Incident | undefined;
  #sampling: number | undefined;
  readonly #checkFired = new Map<string, boolean>();
  readonly #lastSample = new Map<string, number>();
  readonly #blind = new Set<string>();
  /** Of the experiment. */
  #drillPast = noPast();
  /** Another run's drill is on the target; whether one was at any time of this run. */
  #beside = false;
  #wasBeside = false;
  #opened = false;
  /** The open incident, as this run last saw it. */
  #open: Incident | undefined;
  #now = 0;

  constructor(
    target: Target,
    name: string,
    judge: Facts['judge'],
    before: ReadonlyMap<string, boolean>,
    at: number,
  ) {
    this.#target = target;
    this.#name = name;
    this.#facts = new Facts(judge, before);
    this.#down = new HardDown(this.#facts);
    this.#nextBucket = this.#facts.bucketOf(at);
    for (const [check, passed] of before) this.#checkFired.set(check, !passed);
  }

  /** By what this run knew at its newest event. */
  exit(): number {
    const open = this.#open;
    if (this.#wasBeside) return 3;
    if (this.#opened) return 1;
    if (this.#inDrill || !open || (isStable(open) && this.#now < open.reviewAt)) return 0;
    return this.#name.startsWith('check') ? 1 : 3;
  }

  take(input: Input): void {
    const { at } = input;
    this.#now = at;
    if (input.type === 'clock.jump') this.#facts.touch(input.data.sinceMs ?? at, at);
    while (this.#nextBucket + this.#judge.bucketMs + this.#judge.latenessMs <= at) {
      if (this.#beside) this.#facts.touch(this.#nextBucket, this.#nextBucket);
      this.#close({ from: this.#nextBucket, unknown: this.#facts.isTouched(this.#nextBucket) });
      this.#nextBucket += this.#judge.bucketMs;
    }
    if (input.type === 'run.started' || input.type === 'tick') this.#takeOver(at);
    switch (input.type) {
      case 'clock.jump':
        this.#skip(input.data.byMs ?? 0, at);
        break;
      case 'samples':
        this.#sampled(input.data.signal, input.data.source, at);
        if (input.data.from < this.#nextBucket) break;
        this.#facts.addSamples(input.data);
        if (
          input.data.signal === this.#gauge &&
          input.data.source === 'server' &&
          input.data.data.kind === 'values'
        )
          for (const name of this.#down.gauge(input.data.data.values, at)) this.#fire(downBy(name), at);
        break;
      case 'check.finished':
        this.#answered(input.data, at);
        break;
      case 'toggle.read':
        this.#read(input.data, at);
        break;
      case 'run.phase':
        this.#phase(input.data, at);
        break;
      case 'incident.noticed':
        this.#besideDrill(input.data.drill?.on === true, at);
        break;
      case 'load.started':
        this.#sampling = at;
        break;
      case 'load.finished':
        this.#loadEnded(at);
        break;
      default:
    }
    this.#open = this.#target.open && { ...this.#target.open };
  }

  get #gauge(): string {
    return gaugeOf(this.#judge);
  }

  get #judge() {
    return this.#facts.judge;
  }

  #skip(byMs: number, at: number): void {
    const skipped = Math.floor(byMs / this.#judge.bucketMs);
    if (skipped <= 0) return;
    for (let index = 0; index < skipped; index++)
      this.#facts.closed.push({ from: this.#nextBucket, unknown: true });
    for (const incident of this.#kept()) {
      if (incident.phase === 'mitigated') incident.providerGood = 0;
      if (isRecovering(incident)) this.#unknown(incident, skipped, at);
      if (incident.phase === 'verifying') this.#ask(incident, at);
    }
  }

  // ——— Watching ———

  #sampled(signal: string, source: string, at: number): void {
    const spec = this.#judge.signals.find((each) => each.name === signal);
    if (spec?.source !== source) return;
    this.#lastSample.set(signal, at);
    this.#blind.delete(signal);
  }

  #lookForBlind(at: number): void {
    for (const { name, supply } of this.#judge.signals) {
      const quiet = Math.max(3 * (supply?.everyMs ?? 0), this.#judge.blindAfterMs);
      const last = this.#lastSample.get(name);
      if (last === undefined || at - last < quiet || this.#blind.has(name)) continue;
      this.#blind.add(name);
      this.#target.blind(this.#name, name);
    }
  }

  #answered(answer: CheckFinished, at: number): void {
    for (const [state, value] of Object.entries(answer.states)) {
      const spec = this.#judge.states?.find(({ name }) => name === state);
      if (!spec) continue;
      const words = this.#facts.states.get(state) ?? [];
      this.#facts.states.set(state, [...words, { at, normal: value === spec.normal }]);
    }
    if (answer.outcome === 'inconclusive') return;
    const { check } = answer;
    const passed = answer.outcome === 'passed';
    if (!passed)
      for (const { name, source } of this.#judge.signals)
        if (source === 'server') this.#sampled(name, source, at);
    const before = this.#facts.answers.get(check) ?? [];
    before.push({ at, passed, facts: answer });
    this.#facts.answers.set(check, before);
    for (const name of this.#down.answered(answer, at)) this.#fire(downBy(name), at);
    const fires = this.#facts.lastTwoFailed(check);
    const again = fires && this.#checkFired.get(check) !== true;
    if (fires) this.#checkFired.set(check, true);
    const spec = this.#judge.checks?.find(({ name }) => name === check);
    if (fires && spec) this.#fire(this.#byCheck(spec, again), at);
    for (const incident of this.#kept()) this.#verify(incident, check, passed, at);
  }

  #read(data: Extract<Input, { type: 'toggle.read' }>['data'], at: number): void {
    this.#facts.reads.push({ at, ok: data.ok, normal: data.abnormal.length === 0 });
    // What was told stands, also where not all of them were.
    for (const [name, normal] of Object.entries(this.#judge.normalToggles)) {
      const value = data.values[name];
      if (value === undefined) continue;
      const words = this.#facts.toggles.get(name) ?? [];
      this.#facts.toggles.set(name, [...words, { at, normal: value === normal }]);
    }
  }

  #phase({ part, drill }: RunPhase, at: number): void {
    this.#sampling = part === 'staying' || part === 'load' ? at : undefined;
    if (!this.#drill) this.#drillPast = noPast();
    this.#lastSample.clear();
    this.#blind.clear();
    if (drill !== true && this.#drill) {
      this.#target.say(this.#name, this.#drill, at, 'closed', {}, true);
      this.#drill = undefined;
    }
    if (this.#inDrill === (drill === true)) return;
    const { open } = this.#target;
    if (drill === true && open?.keeper === this.#name) {
      open.providerGood = 0;
      if (isRecovering(open)) this.#startOver(open, at);
    }
    this.#inDrill = drill === true;
    this.#cross(at);
  }

  #besideDrill(on: boolean, at: number): void {
    this.#beside = on;
    this.#wasBeside ||= on;
    this.#cross(at);
  }

  /** No window reaches over the edge of a drill, of this run or another. */
  #cross(at: number): void {
    this.#facts.touch(this.#nextBucket, at);
    this.#facts.beginAnew();
    this.#down = new HardDown(this.#facts);
    this.#checkFired.clear();
    const { open } = this.#target;
    if (open?.keeper === this.#name && open.phase === 'verifying') this.#ask(open, at);
  }

  /** So many buckets, of an incident that waited. */
  #nobodyLooked(incident: Incident, buckets: number, at: number): void {
    if (buckets === 0) return;
    if (incident.phase === 'mitigated') incident.providerGood = 0;
    if (!isRecovering(incident)) return;
    if (incident.phase === 'verifying') this.#ask(incident, at);
    this.#unknown(incident, buckets, at);
  }

  // ——— Closing a bucket ———

  #close(closed: Closed): void {
    const at = closed.from + this.#judge.bucketMs + this.#judge.latenessMs;
    this.#facts.closed.push(closed);
    this.#lookForBlind(at);
    const moved = this.#fireAll(closed, at);
    for (const incident of this.#kept()) {
      if (!moved.has(incident) && closed.from >= incident.unseenBefore) this.#step(incident, closed, at);
    }
    for (const incident of this.#kept()) this.#digest(incident, at);
    this.#standBack(closed, at, moved);
  }

  /** Tells all that fires as of a bucket; returns what was declared, reopened or made worse by it. */
  #fireAll(closed: Closed, at: number): ReadonlySet<Incident> {
    const moved = new Set<Incident>();
    const firings = [
      ...this.#signalsFiring(),
      ...this.#checksFiring(closed, at),
      ...this.#factsFiring(closed),
    ];
    for (const firing of firings) {
      const incident = this.#fire(firing, at);
      if (incident) moved.add(incident);
    }
    return moved;
  }

  #signalsFiring(): readonly Firing[] {
    const firing = this.#judge.signals.filter((signal) => this.#facts.fires(signal));
    const explained = ({ name }: SignalSpec) => firing.some(({ inhibits }) => inhibits.includes(name));
    const ordered = [...firing.filter((each) => !explained(each)), ...firing.filter(explained)];
    return ordered.map((signal) => {
      const { value, n } = this.#facts.windowFigure(signal);
      const again = this.#facts.firesAgain(signal);
      return { signal: signal.name, severity: signal.severity, kind: 'signal', again, value, n };
    });
  }

  #checksFiring({ from, unknown }: Closed, at: number): readonly Firing[] {
    return (this.#judge.checks ?? []).flatMap((check) => {
      const answers = (this.#facts.answers.get(check.name) ?? []).filter((each) => each.at < at);
      const since = this.#sampling;
      const sampled = since === undefined ? [] : answers.filter((each) => each.at >= since);
      const failed = sampled.filter(({ passed }) => !passed);
      const inBucket = failed.some((each) => each.at >= from && each.at < from + this.#judge.bucketMs);
      const tooMany = failed.length >= 2 && failed.length / sampled.length > (this.#judge.loadErrors ?? 0.02);
      const fires = !unknown && inBucket && tooMany;
      const again = fires && this.#checkFired.get(check.name) !== true;
      this.#checkFired.set(check.name, fires || this.#facts.lastTwoFailed(check.name));
      return fires ? [this.#byCheck(check, again)] : [];
    });
  }

  #byCheck(
    { name, severity }: { readonly name: string; readonly severity: Severity },
    again: boolean,
  ): Firing {
    return { signal: `check:${name}`, severity, kind: 'check', again, value: null, n: 0 };
  }

  #factsFiring(closed: Closed): readonly Firing[] {
    const common = { again: false, value: null, n: 0 };
    const states = (this.#judge.states ?? []).filter(({ name }) => this.#facts.state(name, closed) === 'bad');
    const toggles = Object.keys(this.#judge.normalToggles);
    return [
      ...states.map(({ name, severity }): Firing => ({
        signal: `state:${name}`,
        severity,
        kind: 'state',
        ...common,
      })),
      ...toggles
        .filter((name) => this.#facts.toggle(name, closed) === 'bad')
        .map((name): Firing => ({ signal: `toggle:${name}`, severity: 'SEV-3', kind: 'toggle', ...common })),
    ];
  }

  // ——— What fires ———

  /** Returns the incident where it was declared, reopened or made worse. */
  #fire(firing: Firing, at: number): Incident | undefined {
    const { kind } = firing;
    const open = this.#inDrill ? this.#drill : this.#target.open;
    const isFact = kind === 'state' || kind === 'toggle';
    if (this.#beside) return undefined;
    if (this.#inDrill && (isFact || kind === 'check')) return undefined;
    if (kind === 'check' && this.#down.declaredStands) return undefined;
    if (!open) return this.#declare(firing, at);
    if (isFact) return undefined;
    let joins = !open.signals.includes(firing.signal);
    if (
      kind === 'hard-down' &&
      joins &&
      firing.signal.endsWith('refused') &&
      open.signals.some((each) => each.startsWith('hard-down'))
    )
      joins = false;
    const worse = this.#worsens(open, firing, joins, at);
    if (worse === 'degraded') Object.assign(open, { phase: 'degraded', stable: false });
    if (worse === 'mitigated' && isRecovering(open)) this.#mitigate(open, at);
    if (joins) this.#join(open, firing, at);
    if (joins || worse !== undefined) open.told.set(firing.signal, at);
    if (worse !== undefined) this.#target.say(this.#name, open, at, 'worsened', { to: worse });
    return worse === undefined ? undefined : open;
  }

  #declare(firing: Firing, at: number): Incident {
    const last = this.#past.recovered;
    const reopens = last !== undefined && at - last.at <= this.#judge.reopenWithinMs;
    const incident: Incident = {
      number: reopens ? last.number : this.#target.nextNumber(),
      ordinal: reopens ? last.ordinal : 0,
      drill: this.#inDrill,
      severity: firing.severity,
      signals: [firing.signal],
      ofLoad: new Map(this.#isOfLoad(firing) ? [[firing.signal, this.#name]] : []),
      holdBuckets: this.#judge.recovery.holdBuckets,
      keeper: this.#name,
      phase: 'degraded',
      fallbackSince: 0,
      stable: false,
      reviewAt: 0,
      providerGood: 0,
      proposedIn: 0,
      hold: newHold(0),
      askedSince: 0,
      results: new Map(),
      told: new Map([[firing.signal, at]]),
      unseenBefore: 0,
      digest: undefined,
    };
    if (this.#inDrill) this.#drill = incident;
    else {
      this.#target.open = incident;
      this.#opened = true;
    }
    const { severity, signal, value, n } = firing;
    const flapping = this.#changed(incident, at);
    this.#target.say(this.#name, incident, at, reopens ? 'reopened' : 'declared', {
      severity,
      by: { signal, value, n },
    });
    if (flapping) {
      this.#target.say(this.#name, incident, at, 'flapping');
      incident.digest = { at, ordinal: incident.ordinal };
    }
    return incident;
  }

  /** Counts a change against flapping; true where it makes it flapping. */
  #changed(incident: Incident, at: number): boolean {
    const { transitions, withinMs, maxHoldBuckets } = this.#judge.flapping;
    const past = this.#past;
    past.changes = [...past.changes.filter((each) => at - each <= withinMs), at];
    const base = past.holdBuckets ?? this.#judge.recovery.holdBuckets;
    const flapping = past.changes.length >= transitions && past.holdBuckets === undefined;
    if (flapping) past.holdBuckets = Math.min(2 * base, maxHoldBuckets);
    incident.holdBuckets = past.holdBuckets ?? base;
    return flapping;
  }

  get #past(): Past {
    return this.#inDrill ? this.#drillPast : this.#target.past;
  }

  #isOfLoad({ kind, signal }: Firing): boolean {
    return (
      kind === 'signal' &&
      this.#judge.signals.some(({ name, source }) => name === signal && source === 'load')
    );
  }

  #join(open: Incident, firing: Firing, at: number): void {
    open.signals.push(firing.signal);
    if (this.#isOfLoad(firing)) open.ofLoad.set(firing.signal, this.#name);
    if (firing.severity < open.severity) {
      open.severity = firing.severity;
      if (!open.drill) this.#opened = true;
    }
    const { severity } = open;
    const { signal, value, n } = firing;
    this.#target.say(this.#name, open, at, 'signal-joined', { severity, by: { signal, value, n } });
  }

  /** How bad what fires makes it, where it is worse than it was and is told so. */
  #worsens(open: Incident, firing: Firing, joins: boolean, at: number): 'degraded' | 'mitigated' | undefined {
    const { phase } = open;
    const clock = isRecovering(open);
    const down = firing.kind === 'hard-down';
    const stable = open.stable && !clock;
    if (phase === 'degraded') return undefined;
    const again = firing.again && !this.#isTold(open, firing, at);
    if (!joins && !again && !clock && !down) return undefined;
    if (stable && !down && (!joins || this.#isExplained(open, firing))) return undefined;
    if (down || stable) return 'degraded';
    if (this.#isTolerant(open, this.#newestBefore(at))) return undefined;
    if (this.#isFelt(firing)) return 'degraded';
    return clock || !joins ? 'mitigated' : undefined;
  }

  /** Since the newest close, by whichever run. */
  #isTold({ told }: Incident, { signal }: Firing, at: number): boolean {
    const { bucketMs, latenessMs } = this.#judge;
    return (told.get(signal) ?? -Infinity) >= this.#newestBefore(at) + bucketMs + latenessMs;
  }

  /** Toggles that are put back by a restart are felt. */
  #isTolerant({ phase, proposedIn }: Incident, bucket: number): boolean {
    return phase === 'restoring' && bucket <= proposedIn + 5 * this.#judge.bucketMs;
  }

  /** The newest bucket that had closed by then, seen or not. */
  #newestBefore(at: number): number {
    const { bucketMs, latenessMs } = this.#judge;
    return this.#facts.bucketOf(at - latenessMs) - bucketMs;
  }

  #isExplained({ signals }: Incident, { signal }: Firing): boolean {
    return this.#judge.signals.some(
      ({ name, inhibits }) => signals.includes(name) && inhibits.includes(signal),
    );
  }

  #isFelt({ kind, signal }: Firing): boolean {
    if (kind === 'check' && this.#judge.recovery.coreChecks.includes(signal.slice('check:'.length)))
      return true;
    const newest = this.#facts.closed.at(-1);
    return newest !== undefined && this.#criteria(newest).includes('bad');
  }

  #criteria(closed: Closed): readonly Band[] {
    return this.#judge.recovery.criteria.map((criterion) => this.#facts.band(criterion, closed));
  }

  #mitigate(incident: Incident, at: number): void {
    incident.phase = 'mitigated';
    incident.providerGood = 0;
    incident.fallbackSince = at;
    incident.stable = false;
  }

  // ——— Moving an incident on ———

  /** Those that this run moves through their phases. */
  #kept(): readonly Incident[] {
    const { open } = this.#target;
    if (this.#inDrill) return this.#drill ? [this.#drill] : [];
    return open?.keeper === this.#name ? [open] : [];
  }

  #step(incident: Incident, closed: Closed, at: number): void {
    switch (incident.phase) {
      case 'degraded':
        this.#stepDegraded(incident, closed, at);
        break;
      case 'mitigated':
      case 'restoring':
        this.#stepMitigated(incident, closed, at);
        break;
      case 'recovering':
      case 'verifying':
        this.#count(incident, closed, at);
        break;
    }
  }

  #digest(incident: Incident, at: number): void {
    const { digestMs } = this.#judge.flapping;
    const { digest } = incident;
    if (this.#beside || !digest || digestMs === undefined || at - digest.at < digestMs) return;
    if (digest.ordinal === incident.ordinal || isStable(incident)) return;
    this.#target.say(this.#name, incident, at, 'digest');
    incident.digest = { at, ordinal: incident.ordinal };
  }

  #stepDegraded(incident: Incident, closed: Closed, at: number): void {
    const bands = this.#criteria(closed);
    const coreFailed = this.#judge.recovery.coreChecks.some(
      (check) => this.#facts.newest(check)?.passed === false,
    );
    if (bands.includes('bad') || bands.includes('unknown') || coreFailed || this.#down.stands) return;
    if (this.#isGaugeUnwell(incident, closed)) return;
    this.#mitigate(incident, at);
    this.#target.say(this.#name, incident, at, 'mitigated');
  }

  /** An incident by the gauge of the database is not mitigated by its silence. */
  #isGaugeUnwell({ signals }: Incident, closed: Closed): boolean {
    const gauge = this.#judge.signals.find(({ name }) => name === this.#gauge);
    if (!gauge || !signals.some((name) => [this.#gauge, `hard-down: ${this.#gauge}`].includes(name)))
      return false;
    return this.#facts.verdict(gauge, closed) !== 'ok';
  }

  #stepMitigated(incident: Incident, closed: Closed, at: number): void {
    const bands = this.#criteria(closed);
    const { bucketMs, recovery } = this.#judge;
    if (bands.includes('bad') && !this.#isTolerant(incident, closed.from)) {
      incident.phase = 'degraded';
      this.#target.say(this.#name, incident, at, 'worsened', { to: 'degraded' });
      return;
    }
    const configuration = this.#facts.configuration(closed);
    if (configuration === 'good' && !this.#anythingBad(incident, closed) && !this.#down.stands) {
      incident.phase = 'recovering';
      incident.hold = newHold(at);
      this.#target.say(this.#name, incident, at, 'restored');
      return;
    }
    if (incident.phase === 'mitigated') {
      const provider = (this.#facts.states.get(recovery.providerState) ?? []).filter(
        (word) => word.at >= closed.from && word.at < closed.from + bucketMs,
      );
      const good =
        !closed.unknown &&
        configuration !== 'good' &&
        provider.length > 0 &&
        provider.every(({ normal }) => normal) &&
        !bands.includes('unknown');
      incident.providerGood = good ? incident.providerGood + 1 : 0;
      if (incident.providerGood >= recovery.restoreBuckets) {
        incident.phase = 'restoring';
        incident.proposedIn = closed.from;
        this.#handOver(incident, closed, at);
        this.#target.say(this.#name, incident, at, 'restore-proposed', {
          goodBuckets: incident.providerGood,
        });
        return;
      }
    }
    this.#handOver(incident, closed, at);
  }

  #handOver(incident: Incident, closed: Closed, at: number): void {
    const { stable } = this.#judge.recovery;
    const bands = this.#criteria(closed);
    if (this.#facts.normalBefore(Infinity) || bands.includes('bad') || bands.includes('unknown')) return;
    if (!stable || incident.stable || this.#down.stands || at - incident.fallbackSince < stable.afterMs)
      return;
    incident.stable = true;
    incident.reviewAt = at + stable.reviewAfterMs;
    this.#target.say(this.#name, incident, at, 'mitigated-stable', { reviewAt: incident.reviewAt });
  }

  #anythingBad(incident: Incident, closed: Closed): boolean {
    return (
      this.#judge.signals.some((signal) => this.#facts.verdict(signal, closed) === 'bad') ||
      incident.signals.some((name) => this.#ofIncident(name, closed) === 'bad')
    );
  }

  /** How something of an incident stood in a bucket; good where this run's judge does not name it. */
  #ofIncident(name: string, closed: Closed): Band {
    const signal = this.#judge.signals.find((each) => each.name === name);
    if (signal) return okIsGood(this.#facts.verdict(signal, closed));
    const state = this.#judge.states?.find((each) => `state:${each.name}` === name);
    if (state) return okIsGood(this.#facts.state(state.name, closed));
    const toggle = Object.keys(this.#judge.normalToggles).find((each) => `toggle:${each}` === name);
    if (toggle !== undefined) return okIsGood(this.#facts.toggle(toggle, closed));
    const check = this.#judge.checks?.find((each) => `check:${each.name}` === name);
    return check ? this.#facts.check(check.name, closed) : 'good';
  }

  #parts(incident: Incident, closed: Closed): readonly Band[] {
    const to = closed.from + this.#judge.bucketMs;
    const states = (this.#judge.states ?? []).map(({ name }) => this.#facts.state(name, closed));
    return [
      ...this.#criteria(closed),
      ...incident.signals.map((name) => this.#ofIncident(name, closed)),
      ...(incident.drill ? [] : states.map((state): Band => (state === 'bad' ? 'bad' : 'good'))),
      this.#down.stands || this.#down.seenIn(closed.from, to) ? 'bad' : 'good',
      this.#facts.configuration(closed),
    ];
  }

  #count(incident: Incident, closed: Closed, at: number): void {
    if (closed.from < incident.hold.notBefore) return;
    if (!closed.unknown && this.#facts.notNormal(closed.from + this.#judge.bucketMs)) {
      if (this.#criteria(closed).includes('bad')) incident.phase = 'degraded';
      else this.#mitigate(incident, at);
      this.#target.say(this.#name, incident, at, 'worsened', {
        to: incident.phase === 'degraded' ? 'degraded' : 'mitigated',
      });
      return;
    }
    const band = worst(this.#parts(incident, closed));
    const { hold } = incident;
    if (band === 'good') {
      hold.good += 1;
      hold.unknownInRow = 0;
      hold.from ??= closed.from;
    } else if (band === 'unknown') this.#unknown(incident, 1, at);
    else this.#startOver(incident, at);
    const whole = this.#isComplete(incident) ? this.#wholeHold(incident) : 'unknown';
    if (whole === 'bad') this.#startOver(incident, at);
    else if (incident.phase === 'recovering' && whole === 'good') {
      incident.phase = 'verifying';
      this.#ask(incident, at);
      this.#target.say(this.#name, incident, at, 'verifying');
    } else if (incident.phase === 'verifying') this.#recover(incident, at);
  }

  #unknown(incident: Incident, count: number, at: number): void {
    incident.hold.unknownInRow += count;
    if (incident.hold.unknownInRow > this.#judge.recovery.maxUnknownInRow) this.#startOver(incident, at);
  }

  #startOver(incident: Incident, at: number): void {
    const lostBuckets = incident.hold.good;
    incident.phase = 'recovering';
    incident.hold = newHold(incident.hold.notBefore);
    if (lostBuckets > 0) this.#target.say(this.#name, incident, at, 'hold-reset', { lostBuckets });
  }

  #isComplete({ hold, holdBuckets }: Incident): boolean {
    return hold.good >= holdBuckets;
  }

  #holdFigure({ hold }: Incident, name: string, statistic: string) {
    const signal = this.#judge.signals.find((each) => each.name === name)!;
    return this.#facts.figure(
      signal,
      statistic,
      hold.from ?? this.#nextBucket,
      (this.#facts.closed.at(-1)?.from ?? 0) + 1,
    );
  }

  #wholeHold(incident: Incident): Band {
    const { signal, good, minRequests } = this.#judge.recovery.wholeHold;
    const { n, value } = this.#holdFigure(incident, signal, good.statistic);
    if (n < minRequests || value === null) return 'unknown';
    return value < good.value ? 'good' : 'bad';
  }

  // ——— Verifying ———

  #ask(incident: Incident, since: number): void {
    incident.askedSince = since;
    incident.results = new Map();
  }

  #verify(incident: Incident, check: string, passed: boolean, at: number): void {
    const { coreChecks } = this.#judge.recovery;
    if (
      this.#beside ||
      incident.phase !== 'verifying' ||
      !coreChecks.includes(check) ||
      at < incident.askedSince
    )
      return;
    incident.results.set(check, passed);
    const failed = coreChecks.filter((each) => incident.results.get(each) === false);
    if (incident.results.size === coreChecks.length && failed.length > 0) {
      this.#ask(incident, at + this.#judge.bucketMs);
      this.#target.say(this.#name, incident, at, 'verify-failed', { failed });
      return;
    }
    this.#recover(incident, at);
  }

  #recover(incident: Incident, at: number): void {
    const { coreChecks, criteria } = this.#judge.recovery;
    if (this.#beside || coreChecks.some((check) => incident.results.get(check) !== true)) return;
    if (this.#facts.notNormal(Infinity)) {
      this.#mitigate(incident, at);
      this.#target.say(this.#name, incident, at, 'worsened', { to: 'mitigated' });
      return;
    }
    const checks = incident.signals.filter((name) => this.#isChecked(name)).map((name) => name.slice(6));
    const bands = criteria.map(({ signal, good }) => {
      const { value } = this.#holdFigure(incident, signal, good.statistic);
      return value === null ? 'unknown' : value < good.value ? 'good' : 'bad';
    });
    const bad =
      this.#down.stands ||
      bands.includes('bad') ||
      this.#wholeHold(incident) === 'bad' ||
      checks.some((check) => this.#facts.newest(check)?.passed === false);
    if (bad) {
      this.#startOver(incident, at);
      return;
    }
    if (bands.includes('unknown') || !this.#isComplete(incident) || this.#wholeHold(incident) !== 'good')
      return;
    if (!this.#facts.normalBefore(Infinity)) return;
    const others = incident.signals.filter((name) => this.#isNamed(name, criteria));
    const otherChecks = checks.filter((check) => !coreChecks.includes(check));
    const met = [
      ...criteria.map(() => 'signal'),
      ...others.map(() => 'signal'),
      'whole-hold',
      ...coreChecks.map(() => 'check'),
      ...otherChecks.map(() => 'check'),
      ...(incident.signals.some((name) => name.startsWith('hard-down')) ? ['hard-down'] : []),
      'configuration',
    ].map((kind) => [kind, true]);
    this.#target.say(this.#name, incident, at, 'recovered', { criteria: met }, true);
    this.#recovered(incident, at);
  }

  /** A signal, state or toggle of this run's judge that is no criterion already. */
  #isNamed(name: string, criteria: readonly { readonly signal: string }[]): boolean {
    const { signals, states, normalToggles } = this.#judge;
    const names = [
      ...signals.map((each) => each.name),
      ...(states ?? []).map((each) => `state:${each.name}`),
      ...Object.keys(normalToggles).map((each) => `toggle:${each}`),
    ];
    return names.includes(name) && !criteria.some(({ signal }) => signal === name);
  }

  #isChecked(name: string): boolean {
    return this.#judge.checks?.some((each) => `check:${each.name}` === name) ?? false;
  }

  #recovered(incident: Incident, at: number): void {
    if (incident.drill) this.#drill = undefined;
    else this.#target.open = undefined;
    const past = this.#past;
    past.changes.push(at);
    past.recovered = { number: incident.number, ordinal: incident.ordinal, at };
    past.holdBuckets = undefined;
  }

  // ——— Several runs ———

  #standBack(closed: Closed, at: number, moved: ReadonlySet<Incident>): void {
    const { open } = this.#target;
    if (!open || this.#inDrill || this.#beside || open.keeper === this.#name || moved.has(open)) return;
    if (open.phase !== 'recovering' && open.phase !== 'verifying') return;
    if (open.hold.good === 0 || closed.from < open.hold.notBefore) return;
    if (this.#judge.signals.some((signal) => this.#facts.verdict(signal, closed) === 'bad'))
      this.#startOver(open, at);
  }

  #takeOver(at: number): void {
    const { open, finished, lastWords } = this.#target;
    if (!open || this.#inDrill || open.keeper === this.#name) return;
    const lastWord = lastWords.get(open.keeper) ?? 0;
    const { bucketMs, latenessMs } = this.#judge;
    if (!finished.has(open.keeper) && at - lastWord <= 3 * bucketMs + latenessMs) return;
    const from = open.keeper;
    open.keeper = this.#name;
    const here = this.#facts.bucketOf(at);
    let unknown = 0;
    for (let bucket = this.#facts.bucketOf(lastWord - latenessMs); bucket < here; bucket += bucketMs)
      unknown += 1;
    open.unseenBefore = here;
    this.#target.say(this.#name, open, at, 'taken-over', { from });
    this.#nobodyLooked(open, unknown, at);
  }

  #loadEnded(at: number): void {
    const { open } = this.#target;
    if (this.#inDrill || this.#beside) return;
    if (!open || open.signals.some((name) => open.ofLoad.get(name) !== this.#name)) return;
    this.#target.say(this.#name, open, at, 'closed', {}, true);
    this.#target.open = undefined;
    this.#target.past.holdBuckets = undefined;
  }
}

const isStable = ({ stable, phase }: Incident): boolean =>
  stable && (phase === 'mitigated' || phase === 'restoring');

const isRecovering = ({ phase }: Incident): boolean => phase === 'recovering' || phase === 'verifying';

const downBy = (name: string): Firing => ({
  signal: `hard-down: ${name}`,
  severity: 'SEV-0',
  kind: 'hard-down',
  again: true,
  value: null,
  n: 0,
});

const newHold = (notBefore: number): Hold => ({ notBefore, good: 0, unknownInRow: 0, from: undefined });

const okIsGood = (verdict: 'ok' | 'bad' | 'unknown'): Band => (verdict === 'ok' ? 'good' : verdict);

const worst = (bands: readonly Band[]): Band =>
  (['bad', 'hysteresis', 'unknown'] as const).find((each) => bands.includes(each)) ?? 'good';
