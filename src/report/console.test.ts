import { describe, expect, test } from 'vitest';
import type { SiagaEvent } from '../event/envelope.ts';
import { advance, beginning, plainLine, plainLog, renderFrame } from './console.ts';
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
    expect(lines[2]).toBe('fault      coinapi down, in for 4 s');
    expect(lines.find((line) => line.startsWith('incident'))).toMatch(
      /^incident {3}DEGRADED SEV-2 INC-\S+, open for 0 ms$/,
    );
  });

  test('shows each signal against its threshold', () => {
    const lines = frameAt('declared');
    expect(lines.find((line) => line.startsWith('CoinAPI says down'))).toMatch(/100% █+│█* {2}rate > 50%$/);
    expect(lines.find((line) => line.startsWith('REST p95'))).toMatch(/20\d ms █+·+│·+ {2}p95 > 650 ms$/);
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
    expect(lines).toContain('recovery   7/10 ●●●●●●●○○○');
  });

  test('shows a value over its threshold past the mark of the bar', () => {
    const bar = frameAt('declared').find((line) => line.startsWith('CoinAPI')) ?? '';
    expect(bar.indexOf('│')).toBeGreaterThan(0);
    expect(bar.slice(bar.indexOf('│') + 1).startsWith('█')).toBe(true);
  });

  test.each([40, 80, 120])('fits %i columns', (width) => {
    for (const line of renderFrame(stateAfter('recovered'), { width, color: true }))
      expect([...line.replaceAll(colours, '')].length).toBeLessThanOrEqual(Math.max(width, 72));
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
