import type { Reporter } from '../contract.ts';

/** Tells nobody. */
export const noReporter: Reporter = {
  replan: () => Promise.resolve(),
  changing: () => Promise.resolve(),
  started: () => undefined,
  write: () => undefined,
};
