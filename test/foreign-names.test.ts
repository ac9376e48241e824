import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import runbook from '../runbook.ts';
import { breaker } from '../src/chaos/expect/breaker.ts';
import { within } from '../src/chaos/expect/modes.ts';
import { Tracker } from '../src/chaos/expect/track.ts';
import type { Draft, SiagaEvent } from '../src/event/envelope.ts';
import type { JudgeSpec, RolesSpec } from '../src/event/specs.ts';
import { deriveAll } from '../src/incident/engine.ts';
import { check, play, ready, told as asked, well, type Minute } from '../src/incident/testing/play.ts';
import { messageFacts } from '../src/notify/facts.ts';
import { requestMessages } from '../src/notify/request.ts';
import { parseEvents } from '../src/report/parse.ts';
import { compareDerived } from '../src/report/rejudge.ts';
import { runFiles } from '../src/run/conclude.ts';
import { compileJudge } from '../src/runbook/judge.ts';
import type { Runbook } from '../src/runbook/types.ts';
import { validateRunbook } from '../src/runbook/validate.ts';
import { factsOf } from './support/facts.ts';
import { root } from './support/sources.ts';

// Tens of thousands of events.
vi.setConfig({ testTimeout: 60_000 });

const path = 'test/data/written-by-7f5d84c/game-day.ndjson.gz';
const tape = gunzipSync(readFileSync(join(root, path))).toString('utf8');

/** What the runbook of that run would have declared. */
const roles: RolesSpec = {
  latency: 'rest.latency',
  errors: 'rest.errors',
  serverErrors: 'rest.5xx',
  roundTrip: 'ws.roundtrip',
};

const begun = tape.split('\n').find((line) => line.includes('"run.started"')) ?? '';
const { signals, normalToggles } = (JSON.parse(begun) as { data: { judge: JudgeSpec } }).data.judge;
const names = [...signals.map(({ name }) => name), ...Object.keys(normalToggles)];

// Names of the same length: a message cuts what is too long for it.
const foreign = (name: string): string =>
  name.replaceAll(/[a-z]/gi, (letter) => String.fromCodePoint(turned(letter.codePointAt(0) ?? 0)));
const turned = (code: number): number => ((code & 31) <= 13 ? code + 13 : code - 13);

const anyName = new RegExp(
  String.raw`(?<![\w-])(?:${names.map((name) => name.replaceAll('.', String.raw`\.`)).join('|')})(?![\w-])`,
  'g',
);

/** The same with every signal and toggle called something else. */
const renamed = (text: string): string => text.replaceAll(anyName, foreign);
// An incident's id has a hash of its signal's name.
const withoutHash = (text: string): string =>
  text.replaceAll(/\b(INC-\d{8}-\d{4})-[0-9a-z]{4}\b/g, '$1-0000');

const declaring = (events: readonly SiagaEvent[]): readonly SiagaEvent[] =>
  events.map((event) => {
    if (event.type !== 'run.started') return event;
    const judge = { ...event.data.judge, roles: JSON.parse(renamed(JSON.stringify(roles))) as RolesSpec };
    return { ...event, data: { ...event.data, judge } };
  });

const ours = parseEvents(withoutHash(tape), path).events;
const theirs = declaring(parseEvents(renamed(withoutHash(tape)), path).events);

test('the names of signals and toggles are others, every one of them', () => {
  expect(names.length).toBeGreaterThan(10);
  expect(JSON.stringify(theirs).match(anyName)).toBeNull();
});

test('whatever its signals are called, a run has the same incidents, figures and verdict', () => {
  expect(factsOf(theirs)).toEqual(JSON.parse(renamed(JSON.stringify(factsOf(ours)))));
});

const derive = (events: readonly SiagaEvent[]) =>
  JSON.parse(withoutHash(JSON.stringify(deriveAll(events)))) as ReturnType<typeof deriveAll>;

test('whatever its signals are called, a run is judged again the same', () => {
  expect(compareDerived(theirs, derive)).toMatchObject({ same: true, differences: [] });
});

test('whatever its signals are called, its documents say the same', () => {
  const [own, other] = [runFiles(ours), runFiles(theirs)];
  expect([...other.keys()]).toEqual([...own.keys()].map(renamed));
  for (const [file, text] of own)
    expect(other.get(renamed(file))?.split('\n')).toEqual(renamed(text).split('\n'));
});

// What the system tells has other names too: states, by what they stand at; the tag of readiness.
const states: Readonly<Record<string, string>> = {
  fallback: 'standby',
  degraded: 'stale',
  'provider-direct': 'source-direct',
};
const stateNames = Object.keys(states).join('|');
const replaced = (text: string, form: string): string =>
  text.replaceAll(new RegExp(form, 'gm'), (all, name: string) => all.replace(name, states[name] ?? name));

/** What Siaga says, with the names of the other system. */
const saidOfTheirs = (text: string): string =>
  ['state:(NAME)', '"kind":"state","name":"(NAME)"'].reduce(
    (found, form) => replaced(found, form.replace('NAME', stateNames)),
    renamed(text),
  );
/** What the other system told. */
const toldByTheirs = (text: string): string =>
  [String.raw`"(${stateNames})":(?:true|false)`, `"check":"(${stateNames})"`]
    .reduce(replaced, renamed(text))
    .replaceAll('"ready"', '"serving"');

const strangers = {
  ...(JSON.parse(replaced(renamed(JSON.stringify(runbook)), `"(${stateNames})"`)) as Runbook),
  roles: {
    latency: foreign('rest.latency'),
    errors: foreign('rest.errors'),
    serverErrors: foreign('rest.5xx'),
    roundTrip: foreign('ws.roundtrip'),
    down: [{ signal: foreign('db.up'), when: 'last == 0' }],
    degraded: { state: 'stale', is: true },
    tags: { ready: 'serving', facts: 'facts' },
    breaker: { label: 'circuit', transitions: { metric: 'fuse_moves', to: 'into' } },
  },
} as const satisfies Runbook;
// Without roles: as a runbook of before there were any.
const { roles: _, ...former } = runbook;

const judged = (of: Runbook): JudgeSpec =>
  compileJudge(of, { speed: 1, loadRunning: true, coreChecks: ['pairs', 'sol'] });

const minutes = (count: number, shape: Minute): readonly Minute[] =>
  Array.from({ length: count }, () => shape);
const unready: Minute = {
  ...well,
  also: [
    [1, ready(503)],
    [17, ready(503)],
  ],
};
const unanswered = (name: string): Draft =>
  asked(check(name, ['core'], false, {}), { noAnswer: true, noConnection: 'refused' });
const silent: Minute = {
  checks: 'not asked',
  also: [2, 20, 40].flatMap((second) => [
    [second, unanswered('pairs')] as const,
    [second + 1, unanswered('sol')] as const,
  ]),
};
const scenes: Readonly<Record<string, readonly Minute[]>> = {
  'requests fail, and are well again': [...minutes(6, { ...well, errors: 30 }), ...minutes(14, well)],
  'requests are slow': minutes(6, { ...well, p95: 900 }),
  'the WebSocket is slow': minutes(6, { ...well, ws: 900 }),
  'a signal says down, and up again': [
    ...minutes(3, { ...well, gauges: { 'db.up': 0 } }),
    ...minutes(14, { ...well, gauges: { 'db.up': 1 } }),
  ],
  'the system says that it is not ready': [...minutes(2, unready), ...minutes(14, { ...well, ready: true })],
  'the fallback is active': minutes(4, { ...well, fallback: true }),
  'the provider is down, and the fallback active': minutes(6, { ...well, down: true, fallback: true }),
  'a toggle is not normal': minutes(4, { ...well, toggles: ['FALLBACK_ENABLED'] }),
  'no core check is answered': minutes(4, silent),
};

const isDerived = ({ type }: { readonly type: string }): boolean =>
  type === 'incident.transition' || type === 'incident.bucket';

function eventsOfTheirs(events: readonly SiagaEvent[]): readonly SiagaEvent[] {
  return events.map((event) =>
    event.type === 'run.started'
      ? { ...event, data: { ...event.data, judge: judged(strangers) } }
      : (JSON.parse(toldByTheirs(JSON.stringify(event))) as SiagaEvent),
  );
}

/** What a run of this runbook makes of what was told: the texts of its messages, in every language. */
function messagesOf(events: readonly SiagaEvent[], of: Runbook): readonly string[] {
  const channels = [
    { name: 'ops', language: 'en' },
    { name: 'owner', language: 'id' },
  ] as const;
  const commands = { check: 'npx siaga check', report: 'npx siaga report r' };
  const facts = messageFacts(of, judged(of), { system: 'shop', channels, commands, announceAfter: 0 });
  const { drafts } = requestMessages(events, { ...facts, gathered: true }, events.at(-1)?.at ?? 0);
  return drafts.flatMap(({ type, data }) => (type === 'message.requested' ? [withoutHash(data.text)] : []));
}

const derivedOf = (events: readonly SiagaEvent[]): readonly Draft[] =>
  JSON.parse(withoutHash(JSON.stringify(deriveAll(events)))) as readonly Draft[];

/** A breaker went to a state, as its counter is scraped. */
const moved = (at: number, label: string, into: string, to: string) =>
  ({
    v: 1,
    seq: at,
    at,
    type: 'samples',
    data: {
      signal: 'breaker.transitions',
      labels: { [label]: 'prices', [into]: to },
      source: 'server',
      from: at - 1_000,
      to: at,
      data: { kind: 'counter', increase: 1 },
    },
  }) as unknown as SiagaEvent;

const outcomeOf = (of: Runbook, label: string, into: string) => {
  const expectation = within('5s', breaker('prices').goes('open', 'half-open', 'closed'));
  const facts = { id: 'x', text: '', stage: 'during', mode: 'within', deadlineMs: 5_000 } as const;
  const tracker = new Tracker(facts, expectation, { since: 0, before: [], judge: judged(of) });
  for (const [index, to] of ['OPEN', 'half_open', 'closed'].entries())
    tracker.take(moved(1_000 * (index + 1), label, into, to));
  return tracker.settled;
};

describe('what another system tells by its own names is judged and told alike', () => {
  test('its runbook is sound, and shares no name with ours', () => {
    expect(validateRunbook(strangers).filter(({ level }) => level === 'error')).toEqual([]);
    expect(JSON.stringify(strangers).match(anyName)).toBeNull();
  });

  test.each(Object.entries(scenes))('%s', (_name, scene) => {
    const { log } = play(scene, { spec: judged(former) });
    const told = log.filter((event) => !isDerived(event));
    const derived = derivedOf(told);
    expect(derived.filter(({ type }) => type === 'incident.transition').length).toBeGreaterThan(0);
    expect(derivedOf(eventsOfTheirs(told))).toEqual(JSON.parse(saidOfTheirs(JSON.stringify(derived))));
  });

  test.each(Object.entries(scenes))('messages: %s', (_name, scene) => {
    const { log } = play(scene, { spec: judged(former) });
    const measured = eventsOfTheirs(log.filter((event) => !isDerived(event)));
    const whole = log.map((event) => {
      if (isDerived(event)) return JSON.parse(saidOfTheirs(JSON.stringify(event))) as SiagaEvent;
      return measured.find(({ seq }) => seq === event.seq) ?? event;
    });
    const texts = messagesOf(log, former);
    expect(texts.length).toBeGreaterThan(0);
    // A state that is out is told by its name, and so is the check that failed.
    const forms = [`^(${stateNames}): `, `: (${stateNames}) (?:fails|gagal)`];
    const theirTexts = texts.map((text) => forms.reduce(replaced, renamed(text)));
    expect(messagesOf(whole, strangers)).toEqual(theirTexts);
  });

  test('a breaker opens and closes', () => {
    expect(outcomeOf(strangers, 'circuit', 'into')).toEqual(outcomeOf(former, 'name', 'to'));
    expect(outcomeOf(strangers, 'circuit', 'into')?.outcome).toBe('met');
    expect(outcomeOf(strangers, 'name', 'to')).toBeUndefined();
  });
});
