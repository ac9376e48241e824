import { onChange } from '../exercise/on-change.ts';
import { runRound } from '../sampling/observe.ts';
import { samplingOf } from './sampling.ts';
import type { Session } from './session-types.ts';

/** The contract checks run afresh whenever VERIFY begins, and once a bucket while they keep failing. */
export function onVerify(session: Session): () => void {
  const { journal, core, judge, platform, signal } = session;
  const ctx = samplingOf(session);
  const ask = (delayMs: number) => {
    void platform.clock
      .sleep(delayMs, signal)
      .then(() => runRound(core, ctx))
      .catch(() => undefined);
  };
  return onChange(journal, ['verifying', 'verify-failed'], ({ kind }) =>
    ask(kind === 'verifying' ? 0 : judge.bucketMs),
  );
}
