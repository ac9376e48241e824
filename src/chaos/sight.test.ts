import { describe, expect, it } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { Sight } from './sight.ts';

const late = (at: number, durationMs: number, lateMs: number): SiagaEvent =>
  ({
    type: 'check.finished',
    at,
    data: { late: true, durationMs, latenessMs: 0, loopLagMs: lateMs },
  }) as unknown as SiagaEvent;

const silent = (sinceMs: number, untilMs: number): SiagaEvent =>
  ({ type: 'toxiproxy.silent', at: untilMs, data: { sinceMs, untilMs } }) as unknown as SiagaEvent;

const stood = (from: number, to: number): SiagaEvent =>
  ({ type: 'load.stood', at: to, data: { load: 'steady', from, to } }) as unknown as SiagaEvent;

const restarted = (from: number, to: number): SiagaEvent =>
  ({ type: 'toggle.applied', at: to, data: { durationMs: to - from, via: 'x' } }) as unknown as SiagaEvent;

function sightOf(...events: readonly SiagaEvent[]): Sight {
  const sight = new Sight();
  for (const event of events) sight.take(event);
  return sight;
}

describe('what could not be seen', () => {
  it('no false red: is the time in which a probe was late', () => {
    const sight = sightOf(late(5_000, 1_000, 700));
    expect(
      [
        [3_000, 4_000],
        [4_500, 6_000],
        [5_000, 6_000],
      ].map(([from = 0, to = 0]) => sight.isUnseen(from, to)),
    ).toEqual([false, true, false]);
  });

  it('suspicious: is, for what a load measured, the time in which it stood still', () => {
    const sight = sightOf(stood(1_000, 3_000));
    expect(sight.isUnseen(2_000, 4_000, 'load')).toBe(true);
    expect(sight.isUnseen(3_000, 4_000, 'load')).toBe(false);
    expect([sight.isUnseen(2_000, 4_000, 'probe'), sight.isUnseen(2_000, 4_000)]).toEqual([false, false]);
  });

  it('no false red: is, for what fired, the time in which Siaga restarted the system', () => {
    const sight = sightOf(restarted(1_000, 3_000));
    expect([sight.alarmDoubt(2_000, 4_000), sight.alarmDoubt(3_000, 5_000)]).toEqual([
      'Siaga restarted the system to set toggles for 1 s of 2 s',
      undefined,
    ]);
    expect(sight.alarmDoubt(2_600, 4_600)).toBeUndefined();
    expect([sight.doubt(2_000, 4_000), sight.isUnseen(2_000, 4_000)]).toEqual([undefined, false]);
    expect(sightOf(late(4_000, 2_000, 300)).alarmDoubt(2_000, 4_000)).toMatch(/too busy/);
  });

  it.each<[string, readonly SiagaEvent[], string | undefined]>([
    ['nothing', [], undefined],
    ['no false red: a fifth of it late', [late(2_000, 2_000, 300)], undefined],
    [
      'no false red: more than a fifth',
      [late(2_000, 2_000, 300), late(9_000, 500, 612)],
      'this machine was too busy to measure for 2.5 s of 10 s: probes were up to 612 ms late',
    ],
    ['what overlaps counts once', [late(2_000, 2_000, 300), late(2_000, 1_500, 300)], undefined],
    [
      'hostile 2: Toxiproxy silent',
      [silent(1_000, 3_000), silent(1_000, 6_000)],
      'Toxiproxy did not answer for 5 s of 10 s: nobody knows what it did meanwhile',
    ],
    ['suspicious: a load that stood still for a fifth', [stood(1_000, 3_000)], undefined],
    [
      'suspicious: a load that stood still for longer, told twice',
      [stood(1_000, 1_400), stood(1_000, 4_000)],
      'the load stood still for 3 s of 10 s: nobody used the system meanwhile',
    ],
    [
      'a load that stood still for less than we were late',
      [late(3_000, 3_000, 300), stood(7_000, 9_000)],
      'this machine was too busy to measure for 3 s of 10 s: probes were up to 300 ms late',
    ],
    [
      'a load and a Toxiproxy of which as little was seen as of ourselves',
      [late(2_000, 2_000, 300), stood(3_000, 5_000), silent(6_000, 8_000)],
      'this machine was too busy to measure for 2 s of 10 s: probes were up to 300 ms late',
    ],
    [
      'no worse than it was meanwhile',
      [late(0, 1_000, 900), late(3_000, 3_000, 300), late(11_000, 1_000, 900)],
      'this machine was too busy to measure for 3 s of 10 s: probes were up to 300 ms late',
    ],
    [
      'what was told later and began before',
      [silent(5_000, 6_000), silent(1_000, 5_500)],
      'Toxiproxy did not answer for 5 s of 10 s: nobody knows what it did meanwhile',
    ],
    ['what was before and after', [silent(-9_000, 0), silent(10_000, 19_000)], undefined],
  ])('puts ten seconds in doubt or not: %s', (_, events, doubt) => {
    expect(sightOf(...events).doubt(0, 10_000)).toBe(doubt);
  });

  it('puts only its own time in doubt, and counts what was late on our side from when it was due', () => {
    const waited = {
      ...late(13_000, 1_000, 300),
      data: { late: true, durationMs: 1_000, latenessMs: 2_000 },
    };
    const sight = sightOf({ ...waited, data: { ...waited.data, loopLagMs: 300 } } as unknown as SiagaEvent);
    expect(sight.doubt(10_000, 20_000)).toBe(
      'this machine was too busy to measure for 3 s of 10 s: probes were up to 2 s late',
    );
    expect(sightOf(silent(11_000, 14_000)).doubt(10_000, 20_000)).toContain('for 3 s of 10 s');
    expect(sightOf(stood(11_000, 14_000)).doubt(10_000, 20_000)).toContain('for 3 s of 10 s');
  });
});
