import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import { createEngine } from '../../incident/engine.ts';
import { checksOf, clear, randomness, samplesOf, togglesRead, type Weather } from './world.ts';

/** Writes events as a journal does, second by second, with the real incident engine beside. */
export class Tape {
  readonly events: SiagaEvent[] = [];
  readonly run: string;
  weather: Weather = clear;
  private readonly seen = new Set<string>();
  now: number;
  private readonly engine = createEngine();
  private readonly random = randomness(7);
  private readonly origin: number;
  private readonly bad: ReadonlySet<string>;

  constructor(run: string, origin: number, undelivered: readonly string[] = []) {
    this.run = run;
    this.origin = origin;
    this.now = origin;
    this.bad = new Set(undelivered);
  }

  write(draft: Draft): SiagaEvent {
    const seq = 100 + this.events.length;
    const { at = this.now, ...rest } = draft;
    const event = { v: 1, seq, run: this.run, at, mono: at - this.origin, boot: 'b1', ...rest } as SiagaEvent;
    this.events.push(event);
    for (const derived of this.engine.step(event)) this.announce(this.write(derived));
    return event;
  }

  /** Lets time pass: load, probes, scrapes and toggles of each second. */
  pass(seconds: number, change: Partial<Weather> = {}): void {
    this.weather = { ...this.weather, ...change };
    for (let second = 0; second < seconds; second++) {
      const from = Math.floor(this.now / 1_000) * 1_000;
      this.now = from + 1_000;
      for (const draft of samplesOf(this.weather, from, this.random)) this.write(draft);
      for (const draft of checksOf(this.weather, this.now)) this.write(draft);
      if (second % 2 === 0) this.write(togglesRead(this.weather));
    }
  }

  /** Lets time pass until the open incident makes this change, forty minutes at most. */
  passUntil(kind: string): void {
    this.seen.clear();
    for (let second = 0; second < 2_400; second++) {
      this.pass(1);
      if (this.seen.has(kind)) return;
    }
    throw new Error(`no ${kind} within forty minutes`);
  }

  /** The transition that opened the incident of now, for the first time or again. */
  opened(): SiagaEvent {
    const found = this.events.findLast(
      (event) =>
        event.type === 'incident.transition' && ['declared', 'reopened'].includes(event.data.change.kind),
    );
    if (found === undefined) throw new Error('no incident was opened');
    return found;
  }

  /** The last event of a type. */
  last(type: SiagaEvent['type'], kind?: string): SiagaEvent {
    const found = this.events.findLast(
      (event) =>
        event.type === type &&
        (kind === undefined || (event.type === 'incident.transition' && event.data.change.kind === kind)),
    );
    if (found === undefined) throw new Error(`no ${type} ${kind ?? ''}`);
    return found;
  }

  private announce(event: SiagaEvent): void {
    if (event.type !== 'incident.transition') return;
    const { kind } = event.data.change;
    this.seen.add(kind);
    if (kind !== 'declared' && kind !== 'reopened' && kind !== 'recovered') return;
    for (const channel of ['telegram', 'webhook'])
      this.send(event.data.incident, event.data.ordinal, kind, channel);
  }

  private send(
    incident: string,
    transition: number,
    kind: 'declared' | 'reopened' | 'recovered',
    channel: string,
  ): void {
    const message = `${incident}/${transition}/${channel}`;
    const template = kind === 'recovered' ? 'RECOVERED' : 'DEGRADED';
    const text = `[DRILL] [${kind === 'recovered' ? 'RESOLVED' : 'INCIDENT'}] ${incident} #${transition}\n- Gejala: p95 /api/* = 120 ms`;
    this.write({
      type: 'message.requested',
      data: { message, incident, transition, channel, template, text },
    });
    const at = this.now + 180;
    if (this.bad.has(channel)) {
      this.write({
        type: 'message.failed',
        at,
        data: { message, channel, attempt: 1, reason: 'HTTP 401', retryAtMs: 0 },
      });
      this.write({
        type: 'message.dead',
        at: at + 20,
        data: { message, channel, reason: 'HTTP 401: not retried' },
      });
    } else this.write({ type: 'message.delivered', at, data: { message, channel, attempt: 1 } });
  }
}
