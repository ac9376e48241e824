import type { Hold } from './state.ts';

export type HoldStep =
  | { readonly kind: 'counting'; readonly hold: Hold }
  | { readonly kind: 'reset'; readonly hold: Hold; readonly because: string; readonly lost: number }
  | { readonly kind: 'complete'; readonly hold: Hold };

export function resetHold(hold: Hold, because: string): Extract<HoldStep, { kind: 'reset' }> {
  return {
    kind: 'reset',
    hold: { notBefore: hold.notBefore, good: 0, unknownInRow: 0 },
    because,
    lost: hold.good,
  };
}
