import { expect, it } from 'vitest';
import { unheard } from './routing.ts';
import {
  at,
  begun,
  brief,
  changes,
  dead,
  factsFor,
  goOn,
  minute,
  read,
  story,
  telegram,
  transition,
  webhook,
} from './testing/story.ts';
import type { Draft } from '../event/envelope.ts';

it.each([
  ['where there is no channel', [], ['incidents', 'drills', 'monitoring']],
  [
    'where each gets only what another refused',
    [{ ...webhook, standby: true }],
    ['incidents', 'drills', 'monitoring'],
  ],
  ['by one that says nothing of it', [telegram], ['drills', 'monitoring']],
  ['by several, of which one is told', [telegram, webhook], []],
] as const)('nobody is told %s', (_, channels, subjects) => {
  expect(unheard(channels)).toEqual(subjects);
});

const standby = factsFor([telegram, { ...webhook, standby: true }]);
const refusal: Draft = dead('inc-7.telegram.1', 'HTTP 403');
const failure = (seconds: number): Draft => ({
  type: 'message.failed',
  data: { message: 'inc-7.telegram.1', channel: 'telegram', attempt: 1, reason: '503', retryAtMs: 0 },
  at: at + seconds * 1_000,
});
const arrived = (seconds: number): Draft => ({
  type: 'message.delivered',
  data: { message: 'inc-7.telegram.1', channel: 'telegram', attempt: 2 },
  at: at + seconds * 1_000,
});
const tick = (minutes: number): Draft => ({ type: 'tick', data: { bucket: 0 }, at: at + minutes * minute });
const another: Draft = {
  type: 'incident.transition',
  data: {
    incident: 'inc-8',
    group: 'other',
    ordinal: 1,
    drill: false,
    change: changes.declared,
    effectiveAt: at,
  },
};

it.each<[string, readonly Draft[], readonly string[]]>([
  ['nothing while a message is on its way', [tick(2)], []],
  ['nothing that was delivered in the end', [failure(10), arrived(90), tick(3)], []],
  ['nothing of another incident', [another, refusal], ['webhook DEGRADED 1 of inc-7']],
  [
    'nothing that came after it and was not refused',
    [transition(2, 'stable'), refusal],
    ['webhook DEGRADED 1 of inc-7'],
  ],
])('a channel on standby is told %s', (_, events, expected) => {
  const known = goOn(story(standby, transition(1, 'declared')), standby, ...events);
  const told = known.flatMap((event) =>
    event.type === 'message.requested' && event.data.channel === 'webhook'
      ? [`${brief([event])[0]} of ${event.data.incident}`]
      : [],
  );
  expect(told).toEqual(expected);
});

it('a channel on standby is told nothing of what was done since', () => {
  const known = goOn(story(standby, begun, read(), transition(1, 'declared'), refusal), standby, {
    type: 'toggle.read',
    at: at + 9 * minute,
    data: {
      ok: true,
      values: { FALLBACK_PROVIDER: 'cache' },
      abnormal: [{ name: 'FALLBACK_PROVIDER', got: 'cache', normal: 'okx' }],
    },
  });
  expect(brief(known)).toEqual(['telegram DEGRADED 1', 'webhook DEGRADED 1', 'telegram UPDATE 1']);
});
