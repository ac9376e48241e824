import { describe, expect, it } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { timingsOf } from './timings.ts';

let seq = 0;
const at = (seconds: number, type: string, data: object = {}): SiagaEvent =>
  ({
    seq: ++seq,
    at: seconds * 1_000,
    mono: seconds * 1_000,
    boot: 'b',
    type,
    data,
  }) as unknown as SiagaEvent;
const changed = (seconds: number, kind: string, effective = seconds) =>
  at(seconds, 'incident.transition', { effectiveAt: effective * 1_000, change: { kind } });

describe('timings', () => {
  const fault = [at(0, 'fault.injected'), changed(10, 'declared')];
  const out = at(20, 'fault.removed');
  const over = changed(60, 'recovered');

  it('are taken from the fault to what became of the incident', () => {
    expect(timingsOf([...fault, changed(14, 'mitigated'), out, over], 2_000)).toMatchObject({
      detect: { ms: 10_000, plusMinusMs: 2_000 },
      contain: { ms: 14_000 },
      recover: { ms: 40_000 },
    });
  });

  it('row 25: hold no time to contain where MITIGATED came only after the fault was gone', () => {
    const { detect, contain, recover } = timingsOf([...fault, out, changed(24, 'mitigated'), over], 2_000);
    expect([detect?.ms, contain, recover?.ms]).toEqual([10_000, undefined, 40_000]);
  });

  it('row 25: a bucket of the fault that closed after it still counts', () => {
    expect(timingsOf([...fault, out, changed(21, 'mitigated', 19), over], 2_000).contain?.ms).toBe(21_000);
  });

  it('row 25: an incident that was contained as its fault went is contained', () => {
    expect(timingsOf([...fault, out, changed(21, 'mitigated', 20), over], 2_000).contain?.ms).toBe(21_000);
  });

  it('hold no time to contain where nothing was contained, and all of it while the fault is still in', () => {
    expect(timingsOf([...fault, out, over], 2_000).contain).toBeUndefined();
    expect(timingsOf([...fault, changed(14, 'mitigated')], 2_000)).toMatchObject({ contain: { ms: 14_000 } });
  });
});
