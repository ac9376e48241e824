import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Random } from '../kernel/ports.ts';
import type { MessageLife } from '../projection/messages.ts';
import { heads, outboxOf } from './queue.ts';
import { backoffMs, nextStep } from './pace.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import { deliveryOf, retryAfterMs } from './delivery.ts';

const rolling = (value: number): Random => ({ next: () => value, id: () => 'x' });
const almostOne = 1 - Number.EPSILON;

describe('backoff', () => {
  it.each([
    [1, 1_000],
    [2, 2_000],
    [5, 16_000],
    [9, 256_000],
    [10, 300_000],
    [1_000, 300_000],
  ])('after %i attempts lies anywhere up to %i ms', (attempts, limit) => {
    expect(backoffMs(attempts, rolling(0))).toBe(0);
    expect(backoffMs(attempts, rolling(0.5))).toBe(limit / 2);
    expect(backoffMs(attempts, rolling(almostOne))).toBe(limit);
  });

  it('is never less than what the other side asked for', () => {
    expect(backoffMs(1, rolling(0.5), 42_000)).toBe(42_000);
    expect(backoffMs(10, rolling(0.5), 42_000)).toBe(150_000);
  });
});

describe('what a status says of a delivery', () => {
  it.each([
    [200, 'delivered'],
    [204, 'delivered'],
    [301, 'refused'],
    [400, 'refused'],
    [401, 'refused'],
    [403, 'refused'],
    [404, 'refused'],
    [408, 'retry'],
    [409, 'refused'],
    [429, 'retry'],
    [500, 'retry'],
    [502, 'retry'],
    [599, 'retry'],
  ])('%i is %s', (status, outcome) => {
    expect(deliveryOf(status, 'why').outcome).toBe(outcome);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 8, 13);
  it.each([
    ['7', 7_000],
    ['Sun, 13 Sep 2026 00:00:09 GMT', 9_000],
    ['Sat, 12 Sep 2026 00:00:00 GMT', 0],
    ['soon', undefined],
    [null, undefined],
  ])('%j is %j ms', (header, ms) => {
    expect(retryAfterMs(header, now)).toBe(ms);
  });
});

const pending = (message: string, incident: string, retryAtMs = 0): MessageLife => ({
  message,
  incident,
  transition: 1,
  channel: 'a',
  template: 'DEGRADED',
  text: '',
  seq: 1,
  at: 0,
  failures: retryAtMs === 0 ? [] : [{ at: 0, seq: 2, attempt: 1, reason: 'HTTP 500', retryAtMs }],
  touchedAt: 0,
  holder: 'r',
});

describe('the next step of a channel', () => {
  const open = { attempts: [], closedUntil: 0 };
  it('is to idle without messages', () => {
    expect(nextStep([], open, 100)).toEqual({ kind: 'idle' });
  });

  it('is to send the message that has been due the longest', () => {
    const step = nextStep([pending('b', 'i', 90), pending('a', 'j', 50)], open, 100);
    expect(step).toMatchObject({ kind: 'send', message: { message: 'a' } });
  });

  it('is to wait for a backoff, for a channel that asked for rest, and for a full minute', () => {
    expect(nextStep([pending('a', 'i', 150)], open, 100)).toEqual({ kind: 'wait', until: 150 });
    expect(nextStep([pending('a', 'i')], { attempts: [], closedUntil: 900 }, 100)).toEqual({
      kind: 'wait',
      until: 900,
    });
    const attempts = Array.from({ length: 20 }, (_, index) => 1_000 + index);
    expect(nextStep([pending('a', 'i')], { attempts, closedUntil: 0 }, 2_000)).toEqual({
      kind: 'wait',
      until: 61_000,
    });
    expect(nextStep([pending('a', 'i')], { attempts, closedUntil: 0 }, 61_000).kind).toBe('send');
  });

  it('never sends more than twenty in any minute', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 4_000 }), { maxLength: 200 }), (gaps) => {
        let now = 100_000;
        let attempts: number[] = [];
        const sent: number[] = [];
        for (const gap of gaps) {
          now += gap;
          const step = nextStep([pending('a', 'i')], { attempts, closedUntil: 0 }, now);
          if (step.kind !== 'send') continue;
          attempts = [...attempts, now].slice(-20);
          sent.push(now);
        }
        for (const at of sent) {
          expect(sent.filter((other) => other >= at && other < at + 60_000).length).toBeLessThanOrEqual(20);
        }
      }),
    );
  });
});

const event = (seq: number, type: string, data: object): SiagaEvent =>
  ({ v: 1, seq, run: 'r', at: seq, mono: 0, boot: 'b', type, data }) as unknown as SiagaEvent;
const requested = (seq: number, message: string, incident = 'i', channel = 'a'): SiagaEvent =>
  event(seq, 'message.requested', {
    message,
    incident,
    channel,
    transition: seq,
    template: 'DEGRADED',
    text: '',
  });

describe('the outbox', () => {
  it('holds what was requested and neither delivered nor given up', () => {
    const outbox = outboxOf([
      requested(1, 'm1'),
      requested(2, 'm2'),
      requested(3, 'm3'),
      event(4, 'message.failed', {
        message: 'm2',
        channel: 'a',
        attempt: 3,
        reason: 'HTTP 500',
        retryAtMs: 99,
      }),
      event(5, 'message.delivered', { message: 'm1', channel: 'a', attempt: 1 }),
      event(6, 'message.dead', { message: 'm3', channel: 'a', reason: 'HTTP 403' }),
    ]);
    expect([...outbox.values()]).toMatchObject([
      { message: 'm2', seq: 2, failures: [{ attempt: 3, retryAtMs: 99, reason: 'HTTP 500' }], touchedAt: 4 },
    ]);
  });

  it('offers of each incident the oldest message only', () => {
    const outbox = outboxOf([
      requested(1, 'i1', 'i'),
      requested(2, 'j1', 'j'),
      requested(3, 'i2', 'i'),
      requested(4, 'other', 'i', 'b'),
    ]);
    expect(heads(outbox, 'a').map(({ message }) => message)).toEqual(['i1', 'j1']);
  });
});
