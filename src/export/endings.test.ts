import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { RoundOut } from '../event/round.ts';
import { envelopeOf } from './envelope-of.ts';
import { annotations, stepSummary } from './github.ts';
import { junit } from './junit.ts';

const origin = Date.UTC(2026, 8, 13, 3, 42);

function tape(...drafts: readonly Draft[]): readonly SiagaEvent[] {
  return drafts.map((draft, index) => {
    const at = draft.at ?? origin + index * 1_000;
    return { v: 1, seq: index + 1, run: 'r1', mono: index * 1_000, boot: 'b', ...draft, at } as SiagaEvent;
  });
}

const started = (command: string): Draft =>
  ({
    type: 'run.started',
    data: {
      command,
      subject: '',
      target: { name: 'shop', url: 'http://127.0.0.1' },
      drill: false,
      judge: { speed: 1, signals: [] },
      repeat: `siaga ${command}`,
    },
  }) as unknown as Draft;

const finished = (exitCode: number, reason = 'because'): Draft =>
  ({ type: 'run.finished', data: { verdict: 'failed', exitCode, reason } }) as Draft;

const measured = (out: readonly RoundOut[], more: object = {}): Draft => ({
  type: 'round.measured',
  data: { checks: [], signals: [], out, ...more },
});

const dbUp: RoundOut = { signal: 'db.up', got: 'max 0 (n=2)', allowed: 'at least 1' };
const slow: RoundOut = {
  signal: 'latency',
  got: 'p95 422 ms (n=4)',
  allowed: 'at most 300 ms',
  undecided: 'too few samples to decide',
};
const fallback: RoundOut = {
  signal: 'state:fallback',
  subject: { kind: 'state', name: 'fallback' },
  got: 'true',
  allowed: 'false',
};
const toggle: RoundOut = {
  signal: 'toggle:FALLBACK',
  subject: { kind: 'toggle', name: 'FALLBACK' },
  got: 'on',
  allowed: 'off',
};

const transition = (kind: string, ordinal: number, drill = false): Draft =>
  ({
    type: 'incident.transition',
    data: {
      incident: 'INC-1',
      group: 'service',
      ordinal,
      effectiveAt: origin,
      drill,
      change: {
        kind,
        severity: 'SEV-0',
        by: { signal: 'db.up', got: 'max 0', allowed: 'at least 1', since: origin, evidence: [] },
        symptoms: { windowMs: 1, p95: null, errorRatio: null, n: 0 },
        criteria: [],
      },
    },
  }) as unknown as Draft;

const resumed: Draft = {
  type: 'incident.resumed',
  data: {
    gapMs: 0,
    snapshot: {},
    earlier: [(transition('declared', 1) as Extract<Draft, { type: 'incident.transition' }>).data],
  },
};

const part = (name: string, outcome: string): Draft =>
  ({
    type: 'gate.part',
    data: { part: name, outcome, reason: `${name} ${outcome}`, retried: false },
  }) as Draft;

const check = (name: string, outcome: string): Draft =>
  ({
    type: 'check.finished',
    data: {
      check: name,
      title: name,
      tags: [],
      outcome,
      violations: [],
      durationMs: 1,
      latenessMs: 0,
      loopLagMs: 0,
      lane: name,
      states: {},
    },
  }) as unknown as Draft;

const load = (outcome: string): Draft =>
  ({
    type: 'load.finished',
    data: { load: 'smoke', outcome, violations: [], exitCode: 0, requests: 0, iterations: 0, endpoints: [] },
  }) as unknown as Draft;

const problem: Draft = { type: 'run.problem', data: { code: 'store-full', message: 'the disk is full' } };
const drill: Draft = {
  type: 'incident.noticed',
  data: { run: 'r0', drill: { experiment: 'provider-down', on: true } },
};

/** What a CI reads of a run. */
function shown(events: readonly SiagaEvent[], command = 'gate') {
  const envelope = envelopeOf(events, { command, now: origin });
  const xml = junit(envelope);
  const figure = (name: string): number =>
    Number(new RegExp(`<testsuites [^>]*${name}="(\\d+)"`).exec(xml)?.[1]);
  return {
    xml,
    failures: figure('failures'),
    errors: figure('errors'),
    notes: annotations(envelope).join('\n'),
    summary: stepSummary(envelope),
  };
}

describe('hunt 6: what made a run end is in all that a CI reads', () => {
  it.each([
    ['a signal', measured([dbUp]), 1, 'signal db.up', 'max 0 (n=2), allowed at least 1'],
    ['a state', measured([fallback]), 1, 'state fallback', 'true, allowed false'],
    ['a toggle', measured([toggle]), 1, 'toggle FALLBACK', 'on, allowed off'],
    ['what was not decided', measured([slow]), 3, 'signal latency', 'too few samples to decide'],
    ['metrics', measured([], { metrics: { why: 'status 503' } }), 3, 'metrics metrics', 'status 503'],
    [
      'toggles that cannot be read',
      measured([], { toggles: { read: false, why: 'refused' } }),
      3,
      'toggle toggles',
      'the toggles could not be read: refused',
    ],
    [
      'an incident that was declared',
      transition('declared', 1),
      1,
      'incident INC-1',
      'SEV-0 declared: db.up',
    ],
    ['an incident that was open before', resumed, 3, 'incident INC-1', 'open before this run: db.up'],
    ['the drill of another run', drill, 3, 'drill provider-down', 'nothing is judged beside it'],
    ['a part of a gate', part('checks', 'failed'), 1, 'part checks', 'checks failed'],
    ['nothing that is known', problem, 1, 'run gate', 'because'],
  ])('%s', (_, event, exitCode, title, why) => {
    const { xml, failures, errors, notes, summary } = shown(tape(started('gate'), event, finished(exitCode)));
    expect([failures > 0, errors > 0]).toEqual([exitCode === 1, exitCode === 3]);
    const [kind = '', name = ''] = title.split(' ');
    expect(xml).toContain(`classname="siaga.${kind}" name="${name}"`);
    expect(xml).toContain(why);
    expect(notes).toContain(`${exitCode === 1 ? '::error' : '::warning'} title=siaga ${title}::`);
    expect(notes).toContain(why);
    expect(summary).toContain(`| ${exitCode === 1 ? '❌' : '⚠️'} | ${kind} \`${name}\` |`);
  });

  it('an incident that was open fails a round, and one in the hands of its owner does not', () => {
    const stable = (reviewAt: number): Draft => {
      const told = transition('mitigated-stable', 2) as Extract<Draft, { type: 'incident.transition' }>;
      const owned = { owner: { role: 'x', name: 'y' }, since: origin, reviewAt, because: '' };
      return { ...told, data: { ...told.data, change: { ...told.data.change, ...owned } } } as Draft;
    };
    expect(shown(tape(started('check'), resumed, finished(1))).xml).toContain('<failure');
    const later = shown(tape(started('check'), resumed, stable(origin + 1e9), finished(0)));
    expect(later.xml).not.toContain('INC-1');
    expect(shown(tape(started('check'), resumed, stable(origin), finished(1))).xml).toContain('INC-1');
  });

  it('a round that stayed is told as it ended, not as it began', () => {
    const { xml } = shown(tape(started('check'), measured([dbUp]), measured([]), finished(0)));
    expect(xml).toContain('failures="0" errors="0"');
  });

  const event = fc.oneof(
    fc.subarray([dbUp, slow, fallback, toggle]).map((out) => measured(out)),
    fc.constantFrom(
      measured([], { metrics: { why: 'status 503' } }),
      problem,
      drill,
      resumed,
      transition('declared', 1),
      transition('declared', 1, true),
      transition('recovered', 2),
    ),
    fc
      .tuple(fc.constantFrom('candidate', 'checks', 'load'), fc.constantFrom('passed', 'failed', 'not-run'))
      .map(([name, outcome]) => part(name, outcome)),
    fc
      .tuple(fc.constantFrom('a', 'b'), fc.constantFrom('passed', 'failed', 'inconclusive'))
      .map(([name, outcome]) => check(name, outcome)),
    fc.constantFrom('passed', 'failed', 'inconclusive').map(load),
  );

  it('never is all green where the exit code is not 0', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('check', 'gate', 'load', 'gameday', 'chaos run'),
        fc.array(event, { maxLength: 8 }),
        fc.constantFrom(1, 2, 3, 4, 70, 130),
        fc.constantFrom('', 'because'),
        fc.boolean(),
        (command, drafts, exitCode, reason, ended) => {
          const end = ended ? [finished(exitCode, reason)] : [];
          const code = ended ? exitCode : 3;
          const { failures, errors, notes, summary, xml } = shown(
            tape(started(command), ...drafts, ...end),
            command,
          );
          expect(code === 1 ? failures : errors, xml).toBeGreaterThan(0);
          expect(notes).toMatch(code === 1 ? /^::error /m : /^::warning /m);
          expect(summary).toMatch(code === 1 ? /^\| ❌ /m : /^\| ⚠️ /m);
        },
      ),
    );
  });
});
