import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { changed, declared, origin, second as oneSecond, started } from '../projection/testing/tale.ts';
import { openStore } from '../store/store.ts';
import { handedOn } from './handed-on.ts';

const dir = mkdtempSync(join(tmpdir(), 'siaga-handed-on-'));
const store = openStore(join(dir, 'siaga.db'));
afterAll(() => {
  store.close();
  rmSync(dir, { recursive: true });
});

const at = (seconds: number): number => origin + seconds * oneSecond;
const clock = { now: () => at(60), monotonic: () => 0, sleep: () => Promise.resolve() };
const writer = (run: string) => ({ run, target: 'shop', clock, boot: 'b' });

test('what people say between two runs is handed on to the next, and from there to the one after', async () => {
  const say = (text: string) =>
    store.decide(writer('said'), 0, () => [
      { type: 'incident.entry', data: { incident: 'INC-1', by: 'on-call', entry: { kind: 'note', text } } },
    ]);
  const texts = () =>
    handedOn(store, 'shop', 'INC-1')?.entries?.map(({ entry }) => entry.kind === 'note' && entry.text);

  const first = store.journal(writer('r1'));
  for (const draft of [started(), changed(1, declared(), at(5))]) first.append(draft);
  expect(texts()).toBeUndefined();
  await say('one');
  expect(texts()).toEqual(['one']);

  const history = handedOn(store, 'shop', 'INC-1');
  const second = store.journal(writer('r2'));
  second.append({ ...started(), at: at(3_600) });
  const earlier = store
    .read({ run: 'r1' })
    .flatMap((event) => (event.type === 'incident.transition' ? [event.data] : []));
  second.append({ type: 'incident.resumed', data: { gapMs: 0, snapshot: null, earlier } });
  if (history !== undefined) second.append({ type: 'incident.history', data: history });
  await say('two');
  expect(texts()).toEqual(['one', 'two']);
});
