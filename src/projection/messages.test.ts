import { expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { upgrade } from '../event/upgrade.ts';
import { foldMessages } from './messages.ts';

const event = (seq: number, type: string, data: object): SiagaEvent =>
  ({ v: 1, seq, run: 'r', at: seq, mono: 0, boot: 'b', type, data }) as unknown as SiagaEvent;
const asked = { message: 'm', incident: 'i', channel: 'a', transition: 1, template: 'DEGRADED', text: '' };

test.each([
  ['a code', { reason: 'in other words', because: 'combined' }, true],
  ['the words of earlier versions', { reason: 'told by the combined message m2' }, true],
  ['a refusal', { reason: 'HTTP 403' }, false],
])('a message that nobody gets was withdrawn or refused: %s', (_, dead, withdrawn) => {
  const [life] = foldMessages([
    event(1, 'message.requested', asked),
    upgrade(event(2, 'message.dead', { message: 'm', channel: 'a', ...dead })),
  ]).values();
  expect(life?.dead).toEqual({ at: 2, seq: 2, reason: dead.reason, withdrawn });
});
