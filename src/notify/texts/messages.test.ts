import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import type { MessageRequested } from '../../event/message.ts';
import type { Draft } from '../../event/envelope.ts';
import type { Firing, IncidentChange, Symptoms } from '../../event/incident.ts';
import type { Severity } from '../../event/specs.ts';
import { heartbeats } from '../heartbeat.ts';
import type { ChannelFacts, MessageFacts } from '../facts.ts';
import { answered, at, begun, criteria, factsFor, minute, read, requested, story } from '../testing/story.ts';

// Thousands of messages: nothing here is about time, also where the machine is busy.
vi.setConfig({ testTimeout: 60_000 });

const receives = ['incidents', 'drills', 'monitoring', 'heartbeat'] as const;
const channels: readonly ChannelFacts[] = [
  { name: 'id', language: 'id', receives },
  { name: 'en', language: 'en', receives },
];

type Text = fc.Arbitrary<string>;
const hostile: Text = fc.oneof(
  fc.constantFrom('constructor', '__proto__'),
  fc.string({ maxLength: 400 }),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.constantFrom('shop', 'a name that goes on and on '.repeat(20), '😀'.repeat(200), 'x\n[RESOLVED] fine'),
);
const severities: readonly Severity[] = ['SEV-0', 'SEV-1', 'SEV-2', 'SEV-3'];
const severity = fc.constantFrom(...severities);
const signals = factsFor([]).judge.signals.map(({ name }) => name);

/** What checks say of answers. */
const english = fc.constantFrom(
  '503',
  '200',
  'connection refused (ECONNREFUSED)',
  'a whole answer within 1 s',
);

const firingOf = (anyText: Text): fc.Arbitrary<Firing> =>
  fc
    .record({
      signal: fc.oneof(fc.constantFrom(...signals), anyText),
      kind: fc.option(fc.constantFrom('check', 'state', 'toggle', 'hard-down'), { nil: undefined }),
      got: anyText,
      allowed: anyText,
      words: english,
      value: fc.option(fc.double({ min: 0, max: 1e9, noNaN: true })),
    })
    .map(({ signal, kind, got, allowed, words, value }) => ({
      signal,
      ...(kind !== undefined && { subject: { kind, name: signal } as const }),
      got: kind === 'check' ? words : got,
      allowed: kind === 'check' ? words : allowed,
      value,
      n: 40,
      since: at,
      evidence: [],
    }));

const symptomsOf = (anyText: Text): fc.Arbitrary<Symptoms> =>
  fc.record({
    windowMs: fc.constant(5 * minute),
    p95: fc.option(fc.double({ min: 0, max: 1e7, noNaN: true })),
    errorRatio: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    n: fc.nat(),
    requestId: anyText,
  });

function changeOf(anyText: Text): fc.Arbitrary<IncidentChange> {
  const [firing, symptoms] = [firingOf(anyText), symptomsOf(anyText)];
  const parts = fc.tuple(anyText);
  return fc.oneof(
    fc.record({ kind: fc.constant('reopened'), severity, by: firing, symptoms }),
    fc.record({ kind: fc.constant('signal-joined'), severity, by: firing }),
    fc.record({ kind: fc.constant('mitigated'), because: anyText, still: fc.constantFrom(...signals) }),
    fc.record({ kind: fc.constant('mitigated'), because: anyText, unknown: parts }),
    fc.record({ kind: fc.constant('worsened'), because: anyText, over: firing }),
    fc.record({
      kind: fc.constant('worsened'),
      because: anyText,
      page: fc.record({ severity, by: firing, symptoms }),
    }),
    fc.record({
      kind: fc.constant('mitigated-stable'),
      because: anyText,
      owner: fc.record({ role: fc.constant('owner'), name: anyText }),
      since: fc.constant(at),
      reviewAt: fc.constant(at + 1_000 * minute),
      symptoms,
    }),
    fc.record({
      kind: fc.constant('flapping'),
      holdBuckets: fc.constant(20),
      since: fc.constant(at),
      changes: fc.nat(),
      digestMs: fc.constant(15 * minute),
    }),
    fc.record({
      kind: fc.constant('digest'),
      since: fc.constant(at),
      stand: fc.constantFrom('DEGRADED', 'MITIGATED', 'RECOVERING', 'VERIFY'),
      good: fc.nat(20),
      holdBuckets: fc.constant(20),
      symptoms,
    }),
    fc.record({ kind: fc.constant('recovered'), criteria: fc.constant(criteria), symptoms }),
    fc.record({ kind: fc.constant('recovered'), criteria: fc.constant(criteria), symptoms, gone: parts }),
    fc.record({ kind: fc.constant('closed'), because: fc.constantFrom('load-ended', 'drill-ended') }),
  ) as fc.Arbitrary<IncidentChange>;
}

/** An incident with whatever happens around it, and everything that was told of it. */
interface Told {
  readonly system: string;
  readonly commands: MessageFacts['commands'];
  readonly severity: Severity;
  readonly messages: readonly MessageRequested[];
}

const toldOf = (anyText: Text): fc.Arbitrary<Told> =>
  fc
    .record({
      system: anyText.map((text) => `shop${text}`),
      speed: fc.constantFrom(1, 30),
      recorded: fc.boolean(),
      drill: fc.boolean(),
      command: fc.string({ unit: fc.constantFrom('a', ' ', '/', '-'), minLength: 1, maxLength: 120 }),
      opening: fc.record({
        kind: fc.constant('declared' as const),
        severity,
        by: firingOf(anyText),
        symptoms: symptomsOf(anyText),
      }),
      later: fc.array(changeOf(anyText), { maxLength: 5 }),
      abnormal: fc.dictionary(anyText, anyText, { maxKeys: 5 }),
      failing: fc.array(anyText, { maxLength: 3 }),
      fallback: fc.option(fc.boolean()),
    })
    .map(({ system, speed, recorded, drill, command, opening, later, abnormal, failing, fallback }) => {
      const commands = { check: `npx siaga check ${command}`, report: `npx siaga report ${command}` };
      const monitoring = { run: '20261121-052500-gameday-l4jx' };
      const facts = { ...factsFor(channels, speed), system, commands, recorded, monitoring };
      const changes = [opening, ...later].map((each, index): Draft => {
        const incident = 'INC-20261121-0525-yrpa';
        const effectiveAt = at + index * 6 * minute;
        const data = { incident, group: 'service', ordinal: index + 1, effectiveAt, drill, change: each };
        return { type: 'incident.transition', data };
      });
      const failed = failing.map((endpoint, index) =>
        answered({ check: `c${index}`, endpoint, outcome: 'failed', requestId: 'siaga-60q2ft8o615ewsf2' }),
      );
      const states = fallback === null ? [] : [answered({ states: { fallback } })];
      const blind: Draft = { type: 'incident.blind', data: { signal: system, sinceMs: at } };
      const late = answered({
        check: system,
        outcome: 'inconclusive',
        late: true,
        latenessMs: 7_000,
        loopLagMs: 900,
      });
      const events = story(facts, begun, read(abnormal), ...states, ...failed, ...changes, blind, late);
      const round = {
        verdict: 'failed',
        checks: { passed: 1, failed: 2, inconclusive: 0 },
        failed: failing,
        unclear: failing.slice(1),
      } as const;
      return {
        system,
        commands,
        severity: opening.severity,
        messages: requested([...events, ...heartbeats({ at, ...round }, facts)]),
      };
    });

// Hundreds of stories, however busy the machine is.
vi.setConfig({ testTimeout: 60_000 });

const told = toldOf(hostile);
const rounds = { numRuns: 400 };
const ofIncident = ({ template }: MessageRequested): boolean =>
  !['MONITORING', 'HEARTBEAT'].includes(template);

describe('two-am: every message of both languages', () => {
  it('two-am: is under 300 characters, and every template was measured', () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(told, ({ messages }) => {
        for (const { text, template, channel } of messages) {
          seen.add(`${template} ${channel}`);
          expect(text.length, text).toBeLessThan(300);
          expect(text.isWellFormed()).toBe(true);
          expect(text.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
        }
      }),
      rounds,
    );
    const templates = ['DEGRADED', 'UPDATE', 'MITIGATED-STABLE', 'DIGEST', 'RECOVERED', 'CLOSED', 'COMBINED'];
    const all = [...templates, 'MONITORING', 'HEARTBEAT'].flatMap((each) => [`${each} id`, `${each} en`]);
    expect([...seen].toSorted()).toEqual(all.toSorted());
  });

  it('two-am: keeps system, severity and number however long the names are', () => {
    fc.assert(
      fc.property(told, ({ system, severity: opening, messages }) => {
        for (const { text, template } of messages.filter(ofIncident)) {
          const [first = ''] = text.split('\n');
          expect(first).toMatch(/SEV-[0-4] /);
          const name = system.replaceAll(
            /[\p{Cc}\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069\u200E\u200F]+/gu,
            ' ',
          );
          expect(first).toContain([...name.trim()].slice(0, 8).join('').trimEnd());
          expect(template === 'DEGRADED' ? text : ', limit ').toMatch(
            /, limit |, batas |expected |gagal: |seharusnya |Down|Mati/,
          );
        }
        expect(messages[0]?.text).toContain(opening);
      }),
      rounds,
    );
  });

  it('two-am: names a command whole, on a line of its own, or not at all', () => {
    fc.assert(
      fc.property(told, ({ commands, messages }) => {
        for (const { text } of messages) {
          const named = text.split('\n').filter((line) => line.startsWith('npx siaga'));
          for (const line of named) expect([commands.check, commands.report]).toContain(line);
        }
      }),
      rounds,
    );
  });
});

// Names, measures and marks are the same in both.
const shared = new Set(
  (
    'shop shop7 shop42 siaga npx check report inc yrpa sev drill wib request id gameday l4jx q2ft8o615ewsf2 ' +
    'freshness data normal xx ' +
    'jan feb mar apr jun jul sep nov p95 ms min get one rest websocket server database screener coinapi cache monitoring heartbeat'
  ).split(' '),
);
const wordsOf = (text: string): readonly string[] =>
  (text.toLowerCase().match(/\p{L}[\p{L}\d]+/gu) ?? []).filter((word) => !shared.has(word));

it('two-am: an Indonesian message is Indonesian: it shares no word with the English ones', () => {
  const words = { id: new Set<string>(), en: new Set<string>() };
  fc.assert(
    fc.property(toldOf(fc.constantFrom('7', '42')), ({ messages, commands }) => {
      for (const { text, channel } of messages) {
        const own = Object.values(commands).reduce((rest, command) => rest.replace(command, ''), text);
        const plain = own.replaceAll(/\b[A-Z]+(?:_[A-Z]+)+=\S+|\b[a-z]+\.[\w-]+/g, '');
        for (const word of wordsOf(plain)) words[channel as 'id' | 'en'].add(word);
      }
    }),
    rounds,
  );
  expect(words.en.size).toBeGreaterThan(60);
  expect([...words.id].filter((word) => words.en.has(word))).toEqual([]);
});
