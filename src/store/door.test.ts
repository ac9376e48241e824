import fc from 'fast-check';
import { expect, it } from 'vitest';
import { systemClock } from '../adapter/system.ts';
import type { Draft } from '../event/envelope.ts';
import { schemaWords } from '../event/shapes/event.ts';
import { createSecrets } from '../kernel/redact.ts';
import { memoryJournal } from './memory.ts';

const writings: readonly ((secret: string) => string)[] = [
  (secret) => secret,
  encodeURIComponent,
  (secret) => JSON.stringify(secret),
  (secret) => Buffer.from(secret).toString('base64'),
  (secret) => Buffer.from(secret).toString('base64url'),
  (secret) => Buffer.from(secret).toString('hex'),
  (secret) => `Basic ${Buffer.from(`someone:${secret}`).toString('base64')}`,
  (secret) =>
    `https://me:${encodeURIComponent(secret)}@host/${encodeURIComponent(secret)}?sig=${encodeURIComponent(secret)}`,
];

// Long enough that no ordinary text holds it by chance.
const secret = fc
  .string({ minLength: 12, maxLength: 60, unit: 'grapheme-ascii' })
  .filter((text) => /\w{3}/.test(text));
const around = fc.string({ maxLength: 20 });

it('hostile 8: whatever an event says, in whatever writing, it holds no secret once it is written', () => {
  fc.assert(
    fc.property(
      fc.array(secret, { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(), fc.nat(), around, around), { minLength: 1, maxLength: 6 }),
      (values, places) => {
        const secrets = createSecrets(schemaWords());
        secrets.keep(values);
        const texts = places.map(([value, way, before, after]) => {
          const write = writings[way % writings.length] ?? String;
          return `${before}${write(values[value % values.length] ?? '')}${after}`;
        });
        const data = { code: 'x', message: texts[0], [texts[0] ?? '']: texts, deep: [{ texts }] };
        const journal = memoryJournal({
          run: 'r1',
          target: 'x',
          clock: systemClock,
          boot: 'b',
          hide: secrets.hide,
        });
        const written = JSON.stringify(
          journal.append({ type: 'run.problem', data } as unknown as Draft).data,
        );
        for (const value of values) {
          const told = JSON.parse(written) as unknown;
          expect(textsIn(told).filter((text) => text.includes(value))).toEqual([]);
          expect(written).not.toContain(Buffer.from(value).toString('hex'));
          expect(written).not.toContain(encodeURIComponent(value));
        }
      },
    ),
  );
});

function textsIn(found: unknown): readonly string[] {
  if (typeof found === 'string') return [found];
  if (typeof found !== 'object' || found === null) return [];
  return Object.entries(found).flatMap(([key, item]) => [key, ...textsIn(item)]);
}
