import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import type { AnyChannelKind, ChannelKind } from '../../notify/channel.ts';
import { ownChannel } from './own.ts';

const message = {
  message: 'm',
  incident: 'INC-1',
  transition: 1,
  channel: 'team',
  template: 'DEGRADED',
  text: 'down',
} as const;

type Send = ChannelKind<{ key: string }>['send'];

const channelOf = (send: unknown) =>
  ownChannel({
    name: 'team',
    kind: 'own',
    definition: {
      kind: 'own-kind',
      options: z.object({ key: z.string() }),
      timeout: '50ms',
      send: send as Send,
    } satisfies AnyChannelKind,
    options: { key: 'hunter22hunter22' },
    secrets: ['hunter22hunter22'],
  });

const attempt = (send: unknown) => channelOf(send).send(message, new AbortController().signal);

describe('one attempt of an own channel ends with a result', () => {
  test.each<[string, unknown, object]>([
    ['delivered', async () => ({ outcome: 'delivered' }), { outcome: 'delivered' }],
    ['not asynchronous', () => ({ outcome: 'delivered' }), { outcome: 'delivered' }],
    ['refused', async () => ({ outcome: 'refused', reason: 'gone' }), { outcome: 'refused', reason: 'gone' }],
    [
      'retry',
      async () => ({ outcome: 'retry', reason: 'busy', afterMs: 5_000 }),
      { outcome: 'retry', reason: 'busy', afterMs: 5_000 },
    ],
    [
      'a wait that is no number',
      async () => ({ outcome: 'retry', reason: 'busy', afterMs: Number.POSITIVE_INFINITY }),
      { outcome: 'retry', reason: 'busy' },
    ],
    ['no reason', async () => ({ outcome: 'refused' }), { outcome: 'refused', reason: 'it gave no reason' }],
    [
      'throws at once',
      () => {
        throw new Error('no route');
      },
      { outcome: 'retry', reason: 'no route' },
    ],
    [
      'rejects with a text that holds the secret, in two lines',
      async (_: unknown, { key }: { key: string }) => Promise.reject(new Error(`401 for\n${key}`)),
      { outcome: 'retry', reason: '401 for [redacted]' },
    ],
    [
      'rejects with no error',
      async () => Promise.reject('x' as unknown as Error),
      { outcome: 'retry', reason: 'x' },
    ],
    ['hangs', () => new Promise(() => undefined), { outcome: 'retry', reason: 'no answer within 0.05 s' }],
    [
      'gives nothing',
      async () => undefined,
      {
        outcome: 'retry',
        reason: 'send gave nothing, not whether it was delivered, refused or to be tried again',
      },
    ],
    [
      'gives another outcome, with the secret',
      async () => ({ outcome: 'hunter22hunter22' }),
      {
        outcome: 'retry',
        reason:
          'send gave {"outcome":"[redacted]"}, not whether it was delivered, refused or to be tried again',
      },
    ],
    [
      'a reason without end',
      async () => ({ outcome: 'refused', reason: 'x'.repeat(10_000) }),
      { outcome: 'refused', reason: 'x'.repeat(200) },
    ],
  ])('%s', async (_, send, expected) => {
    expect(await attempt(send)).toEqual(expected);
  });

  test('its signal aborts when the time is up', async () => {
    const aborted = vi.fn<() => void>();
    await attempt((_: unknown, __: unknown, signal: AbortSignal) => {
      signal.addEventListener('abort', aborted);
      return new Promise(() => undefined);
    });
    expect(aborted).toHaveBeenCalledOnce();
  });

  test('where sending ends, it is broken off', async () => {
    const stop = new AbortController();
    const sent = channelOf(() => new Promise(() => undefined)).send(message, stop.signal);
    stop.abort(new Error('the run ends'));
    await expect(sent).rejects.toThrow('the run ends');
  });

  test('what it does to the message changes nothing of ours', async () => {
    const given = { ...message };
    await channelOf(async (mine: { text: string }) => {
      mine.text = 'other';
      return { outcome: 'delivered' };
    }).send(given, new AbortController().signal);
    expect(given.text).toBe('down');
  });
});
