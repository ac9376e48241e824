import { describe, expect, it } from 'vitest';
import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { JudgeSpec, RolesSpec } from '../../event/specs.ts';
import type { Expectation } from '../definition.ts';
import { breaker, breakerMetrics } from './breaker.ts';
import { never, within } from './modes.ts';
import { processStart } from './restarts.ts';
import { Tracker } from './track.ts';

const began = 1_767_225_600_000;
const roles: RolesSpec = {
  breaker: {
    label: 'circuit',
    state: { metric: 'fuse_position', values: { closed: 10, 'half-open': 20, open: 30 } },
  },
};
const judge = { bucketMs: 2_000, latenessMs: 500, signals: [], roles } as unknown as JudgeSpec;
const values = { closed: 10, half: 20, open: 30, odd: 7 } as const;

let seq = 0;
const scraped = (signal: string, seconds: number, given: readonly number[], labels = {}): SiagaEvent => {
  const at = began + seconds * 1_000;
  const data = { kind: 'values', values: given } as const;
  const draft: Draft = {
    type: 'samples',
    data: { signal, labels, source: 'server', from: at - 1_000, to: at, data },
  };
  return { v: 1, seq: ++seq, run: 'r', at, mono: 0, boot: 'b', ...draft } as SiagaEvent;
};

/** What the gauge told in the second that ended at `seconds`, look for look. */
const looked = (seconds: number, ...states: readonly (keyof typeof values)[]): SiagaEvent =>
  scraped(
    'breaker:state',
    seconds,
    states.map((state) => values[state]),
    { circuit: 'prices', instance: 'a' },
  );
/** The same look, told of another figure. */
const as = (event: SiagaEvent, signal: string, given: readonly number[]): SiagaEvent =>
  ({ ...event, data: { ...event.data, signal, data: { kind: 'values', values: given } } }) as SiagaEvent;
const startedAt = (seconds: number, start: number) =>
  scraped(processStart, seconds, [(began + start * 1_000) / 1_000]);

function settle(
  expectation: Expectation,
  before: readonly SiagaEvent[],
  events: readonly SiagaEvent[],
  told = judge,
) {
  const { mode, observation } = expectation;
  const deadline = mode === 'within' ? { deadlineMs: 5_000 } : {};
  const facts = { id: 'x', stage: 'during', text: observation.text, mode, ...deadline } as never;
  const tracker = new Tracker(facts, expectation, { since: began, before, judge: told });
  for (const event of events) tracker.take(event);
  tracker.close(began + 6_000);
  return tracker.settled;
}

const opens = within('5s', breaker('prices').opens());
const returns = within('5s', breaker('prices').goes('half-open', 'closed'));
const stays = (state: keyof typeof values) =>
  [1, 2, 3, 4, 5, 6].map((second) => looked(second, state, state));

describe('a breaker that only a gauge tells of', () => {
  it.each<[string, Expectation, readonly SiagaEvent[], readonly SiagaEvent[], string]>([
    ['opens', opens, [looked(0, 'closed')], [looked(1, 'closed', 'open')], 'met'],
    ['never opens', opens, [looked(0, 'closed')], stays('closed'), 'broken'],
    ['open all along', opens, [looked(0, 'open')], stays('open'), 'broken'],
    ['of which nothing is told', opens, [], [], 'unknown'],
    ['that tells an unknown value', opens, [looked(0, 'closed')], stays('odd'), 'broken'],
    [
      'opens, seen half open only',
      opens,
      [looked(0, 'closed')],
      [looked(1, 'half'), ...stays('half').slice(1)],
      'unknown',
    ],
    [
      'returns, look for look',
      returns,
      [looked(0, 'open')],
      [looked(1, 'open', 'half'), looked(2, 'closed')],
      'met',
    ],
    ['returns within one second', returns, [looked(0, 'open')], [looked(1, 'half', 'closed')], 'met'],
    [
      'was half open when the stage began',
      returns,
      [looked(0, 'open', 'half')],
      [looked(1, 'closed')],
      'met',
    ],
    [
      'was half open before, and closed since',
      returns,
      [looked(0, 'half', 'closed')],
      stays('closed'),
      'broken',
    ],
    [
      'skips half open between two looks',
      returns,
      [looked(0, 'open')],
      [looked(1, 'open', 'closed'), ...stays('closed').slice(1)],
      'unknown',
    ],
    [
      'is half open, and opens again',
      returns,
      [looked(0, 'open')],
      [looked(1, 'half', 'open'), ...stays('open').slice(1)],
      'broken',
    ],
    [
      'closes before it was half open',
      returns,
      [looked(0, 'closed')],
      [looked(1, 'closed', 'open', 'half'), ...stays('half').slice(1)],
      'broken',
    ],
    [
      'is closed, for another process began',
      returns,
      [startedAt(-9, -90), looked(0, 'open')],
      [startedAt(1, 0.2), looked(1, 'open', 'closed'), ...stays('closed').slice(1)],
      'broken',
    ],
    [
      'is closed, as the process that took its place is',
      returns,
      [startedAt(-9, -90), looked(0, 'open')],
      [startedAt(1, 0.2), looked(2, 'closed'), ...stays('closed').slice(2)],
      'broken',
    ],
    [
      'opens in a new process, which is looked at again',
      opens,
      [startedAt(-9, -90), looked(0, 'closed')],
      [startedAt(1, 0.2), startedAt(2, 0.2), looked(2, 'closed', 'open')],
      'met',
    ],
    [
      'returns, and is looked at more often then',
      returns,
      [looked(0, 'open')],
      [looked(1, 'half'), looked(2, 'closed', 'closed')],
      'met',
    ],
    [
      'opens and closes within a second, and is never seen half open',
      within('5s', breaker('prices').goes('open', 'half-open', 'closed')),
      [looked(0, 'closed')],
      [looked(1, 'open', 'closed'), ...stays('closed').slice(1)],
      'unknown',
    ],
    [
      'stays closed while another gauge of its name moves',
      opens,
      [looked(0, 'closed')],
      [...stays('closed').map((each) => as(each, 'breaker:other', [30])), ...stays('closed')],
      'broken',
    ],
    [
      'never opens, as it should',
      never(breaker('prices').opens()),
      [looked(0, 'closed')],
      stays('closed'),
      'met',
    ],
    [
      'that should never open, and was half open',
      never(breaker('prices').opens()),
      [looked(0, 'closed')],
      [looked(1, 'half'), ...stays('half').slice(1)],
      'unknown',
    ],
    [
      'that should never open, and was half open after it was closed',
      never(breaker('prices').opens()),
      [looked(0, 'closed')],
      [...stays('closed').slice(0, 3), ...stays('half').slice(3)],
      'unknown',
    ],
  ])('%s', (_, expectation, before, events, outcome) => {
    expect(settle(expectation, before, events)?.outcome).toBe(outcome);
  });

  it('of another name, or of another label, is another', () => {
    const another = [1, 2, 3, 4, 5, 6].map((second) =>
      scraped('breaker:state', second, [10, 30], { circuit: 'orders', name: 'prices' }),
    );
    expect(settle(opens, [], another)?.outcome).toBe('unknown');
  });

  it('is told by its changes, and by nothing that is none', () => {
    const odd = [looked(1, 'odd', 'open')];
    expect(settle(opens, [looked(0, 'closed')], odd)).toMatchObject({ outcome: 'met', got: 'open' });
    const restarted = [startedAt(1, 0.2), looked(1, 'open', 'closed'), ...stays('closed').slice(1)];
    expect(settle(opens, [startedAt(-9, -90), looked(0, 'closed')], restarted)?.got).toBe('no transition');
  });

  it('is unknown where the runbook does not say where it is told', () => {
    const silent = { ...judge, roles: {} } as JudgeSpec;
    expect(settle(opens, [looked(0, 'closed')], [looked(1, 'open')], silent)?.outcome).toBe('unknown');
  });

  it('says what was not seen', () => {
    const skipped = [looked(1, 'open', 'closed'), ...stays('closed').slice(1)];
    expect(settle(returns, [looked(0, 'open')], skipped)?.got).toBe(
      'open → closed; a state between two looks at the gauge is not seen',
    );
  });
});

describe('what a drill scrapes of breakers', () => {
  const { breaker: gauge } = roles;
  const whole = { labels: {}, scale: 1 };
  it.each<[string, RolesSpec | undefined, readonly object[]]>([
    [
      'the gauge',
      roles,
      [
        {
          signal: 'breaker:state',
          metric: { name: 'fuse_position', type: 'gauge', ...whole },
          zeros: false,
          prompt: true,
        },
      ],
    ],
    [
      'the counter, where there is one',
      { breaker: { ...gauge, label: 'circuit', transitions: { metric: 'fuse_moves', to: 'into' } } },
      [
        {
          signal: 'breaker.transitions',
          metric: { name: 'fuse_moves', type: 'counter', ...whole },
          zeros: false,
          keep: ['circuit', 'into'],
        },
      ],
    ],
    ['nothing, where the runbook does not say', {}, []],
    [
      'the counter of before there were roles',
      undefined,
      [
        {
          signal: 'breaker.transitions',
          metric: { name: 'circuit_breaker_transitions_total', type: 'counter', ...whole },
          zeros: false,
          keep: ['name', 'to'],
        },
      ],
    ],
  ])('%s', (_, given, expected) => {
    expect(breakerMetrics(given === undefined ? {} : { roles: given })).toEqual(expected);
  });
});
