import type { RunJournal, Store } from '../event/store.ts';
import { setBackMs } from './gap.ts';

/** Says so where the wall clock was set back since the last run: the times of this one lie before those of that one. */
export function tellSetBack(store: Pick<Store, 'read'>, journal: RunJournal, target: string): void {
  const began = journal.events().find(({ type }) => type === 'run.started');
  const last = store
    .read({ target, types: ['run.started', 'run.finished'], newest: 2 })
    .findLast(({ run }) => run !== journal.run);
  const byMs = began !== undefined && last !== undefined ? setBackMs(last, began) : 0;
  if (began === undefined || byMs === 0) return;
  const { at, mono } = began;
  journal.append({
    type: 'clock.jump',
    data: { wallMs: at, monotonicMs: mono, byMs: -byMs, betweenRuns: true },
  });
}
