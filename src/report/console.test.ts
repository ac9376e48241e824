import { describe, expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { renderFrame } from './live/frame.ts';
import { plainLine, plainLog } from './live/plain-line.ts';
import { advance, beginning } from './live/state.ts';
import { columnsOf } from '../kernel/columns.ts';
import { gameDay } from './testing/game-day.ts';

const events = gameDay();
const colours = new RegExp(`${String.fromCharCode(27)}\\[\\d+m`, 'g');

/** The state when a change of the incident has just been written. */
function stateAfter(kind: string, further = 0) {
  const index = events.findIndex(
    (event) => event.type === 'incident.transition' && event.data.change.kind === kind,
  );
  return events.slice(0, index + 1 + further).reduce(advance, beginning);
}

const frameAt = (kind: string, further = 0) =>
  renderFrame(stateAfter(kind, further), { width: 100, color: false });

describe('a frame', () => {
  test('shows the run, its phase, the fault and the incident', () => {
    const lines = frameAt('declared');
    expect(lines[0]).toBe('siaga gameday default on reference, 16 s, windows ÷30');
    expect(lines[1]).toBe('phase      provider-down: method');
    expect(lines[2]).toBe('fault      coinapi down, in for 4 s of 20 s');
    expect(lines.find((line) => line.startsWith('incident'))).toMatch(
      /^incident {3}DEGRADED SEV-2 INC-\S+, open for 0 ms$/,
    );
  });

  test('shows each signal against its threshold', () => {
    const lines = frameAt('declared');
    expect(lines.find((line) => line.startsWith('CoinAPI says down'))).toMatch(
      /100% n=4 +█+│█* {2}rate > 50%$/,
    );
    expect(lines.find((line) => line.startsWith('REST p95'))).toMatch(
      /20\d ms n=\d+ +█+·+│·+ {2}p95 > 650 ms$/,
    );
  });

  test('counts the hold', () => {
    const buckets = events.filter(
      (event) => event.type === 'incident.bucket' && event.data.hold === 'recovery',
    );
    const seventh = events.indexOf(buckets[6] as SiagaEvent);
    const lines = renderFrame(events.slice(0, seventh + 1).reduce(advance, beginning), {
      width: 100,
      color: false,
    });
    expect(lines).toContain('recovery   7 of 10 good minutes ●●●●●●●○○○');
  });

  test('shows a value over its threshold past the mark of the bar', () => {
    const bar = frameAt('declared').find((line) => line.startsWith('CoinAPI')) ?? '';
    expect(bar.indexOf('│')).toBeGreaterThan(0);
    expect(bar.slice(bar.indexOf('│') + 1).startsWith('█')).toBe(true);
  });

  test.each([1, 12, 20, 40, 59, 60, 80, 120])('two-am: never wider than %i columns', (width) => {
    for (const kind of ['declared', 'mitigated', 'restored', 'recovered'])
      for (const line of renderFrame(stateAfter(kind), { width, color: true }))
        expect(columnsOf(line.replaceAll(colours, ''))).toBeLessThanOrEqual(width);
  });

  test.each([1, 5, 8, 12, 20, 24])('two-am: never higher than %i rows, and the incident stays', (height) => {
    const lines = renderFrame(stateAfter('declared'), { width: 80, height, color: false });
    expect(lines.length).toBeLessThanOrEqual(height);
    expect(lines[0]).toMatch(/^siaga gameday/);
    expect(height < 8 || lines.some((line) => line.includes('DEGRADED SEV-2'))).toBe(true);
  });

  test('two-am: with little room, what is over its threshold is shown first', () => {
    const lines = renderFrame(stateAfter('declared'), { width: 80, height: 13, color: false });
    const shown = lines.filter((line) => line.includes(' n='));
    expect(shown.length).toBeGreaterThan(0);
    expect(shown.some((line) => line.startsWith('CoinAPI says down'))).toBe(true);
  });

  test('two-am: on 20 columns each signal has its figure, and what is over is marked without colours', () => {
    const lines = renderFrame(stateAfter('declared'), { width: 20, color: false });
    expect(lines).toContain('! CoinAPI says… 100%');
    expect(lines.some((line) => line.startsWith('DEGRADED SEV-2'))).toBe(true);
  });

  test('two-am: says what an experiment waits for', () => {
    expect(frameAt('declared').find((line) => line.startsWith('waits for'))).toMatch(
      /^waits for {2}.+ \(\d of \d expectations settled\)$/,
    );
  });

  test.each<[string, RegExp]>([
    ['declared', /every recovery criterion inside its limit/],
    ['restored', /10 good minutes in a row, for RECOVERED/],
    ['verifying', /the core checks to pass/],
  ])('two-am: says what an incident waits for after %s', (kind, expected) => {
    expect(frameAt(kind).join('\n')).toMatch(expected);
  });

  test('two-am: a round that stays says why, since when, and what an open incident waits for', () => {
    const at = (events[0] as SiagaEvent).at + 30_000;
    const data = {
      phase: 'staying',
      detail: 'INC-1 (SEV-2) is open; sampling until its recovery is decided',
    };
    const stay = { ...(events[0] as SiagaEvent), seq: 9_999, at, type: 'run.phase', data } as SiagaEvent;
    const later = { ...stay, seq: 10_000, at: at + 65_000, type: 'tick', data: { bucket: 0 } } as SiagaEvent;
    const state = [events[0] as SiagaEvent, stay, later].reduce(advance, beginning);
    const lines = renderFrame(state, { width: 100, color: false });
    expect(lines[1]).toBe(
      'phase      staying for 1 min 05 s: INC-1 (SEV-2) is open; sampling until its recovery is decided',
    );
  });

  test('two-am: a load says how much of it is left', () => {
    const started = (events[0] as SiagaEvent).at;
    const load = { load: 'smoke', script: 's', tool: 'k6', rate: 12, durationMs: 22_000, thresholds: {} };
    const event = {
      ...(events[0] as SiagaEvent),
      seq: 9_999,
      type: 'load.started',
      data: load,
    } as SiagaEvent;
    const later = {
      ...event,
      seq: 10_000,
      at: started + 10_000,
      type: 'tick',
      data: { bucket: 0 },
    } as SiagaEvent;
    const begun = { ...(events[0] as SiagaEvent) } as Extract<SiagaEvent, { type: 'run.started' }>;
    const run = { ...begun, data: { ...begun.data, command: 'load' } };
    const state = [run, event, later].reduce(advance, beginning);
    expect(renderFrame(state, { width: 100, color: false })).toContain(
      'waits for  load smoke: 12 s of 22 s left',
    );
  });

  test('holds no escape sequence but colours, whatever the system said', () => {
    const nasty: SiagaEvent = {
      ...(events[0] as SiagaEvent),
      seq: 9_999,
      type: 'run.problem',
      data: { code: 'x', message: '\u001b[2J\u001b]0;owned\u0007\u009b1A' },
    };
    const frame = renderFrame(advance(stateAfter('declared'), nasty), { width: 100, color: true }).join('\n');
    expect(frame.replaceAll(colours, '')).not.toMatch(/(?!\n)\p{Cc}/u);
    expect(plainLine(nasty)).not.toMatch(/(?!\n)\p{Cc}/u);
  });

  test('before anything happened is a frame too', () => {
    expect(renderFrame(beginning, { width: 80, color: false })[0]).toBe('siaga');
  });

  test('never goes back to a late batch’s bucket', () => {
    const state = stateAfter('recovered');
    const old = events.find((event) => event.type === 'samples') as SiagaEvent;
    expect(advance(state, old).signals).toBe(state.signals);
  });
});

describe('a log', () => {
  test('has one line for each happening, in UTC', () => {
    const lines = events.map(plainLine).filter((line) => line !== undefined);
    expect(lines[0]).toBe('03:40:00Z      gameday default on reference started, a drill');
    expect(lines.at(-1)).toBe(
      '03:42:18Z ok   passed, exit code 0'.replace('03:42:18', lines.at(-1)?.slice(0, 8) ?? ''),
    );
    expect(lines.every((line) => !line.includes('\n'))).toBe(true);
    expect(lines).toContain('03:40:50Z ok   recovery 10/10 (good)');
  });

  test('says once that a check fails, and once that it passes again', () => {
    const say = plainLog();
    const lines = events.map(say).filter((line) => line?.includes('sol-complete'));
    expect(lines.map((line) => line?.slice(10))).toEqual([
      'FAIL sol-complete failed: status got 503, allowed 200',
      'ok   sol-complete passes again',
    ]);
  });

  test('says toggles that are not normal once, however often they are read', () => {
    const say = plainLog();
    const abnormal = [{ name: 'A', got: '2', normal: '1' }];
    const read: SiagaEvent = {
      ...(events[0] as SiagaEvent),
      type: 'toggle.read',
      data: { values: { A: '2' }, abnormal, ok: true },
    };
    expect([read, { ...read, seq: 2 }].map(say).map((line) => line !== undefined)).toEqual([true, false]);
  });
});
