import { describe, expect, test } from 'vitest';
import type { RunPart } from '../event/catalogue.ts';
import type { SiagaEvent } from '../event/envelope.ts';
import type { Journal } from '../event/envelope.ts';
import { gameDay } from '../report/testing/game-day.ts';
import { showProgress } from './progress.ts';
import type { Platform } from './platform.ts';

const events = gameDay();
const [started] = events as readonly [SiagaEvent];
const declared = events.findIndex(({ type }) => type === 'incident.transition');
const phase = (part: RunPart): SiagaEvent =>
  ({
    ...started,
    seq: 9_999,
    type: 'run.phase',
    data: { phase: part, part, detail: 'sol failed' },
  }) as SiagaEvent;

/** A run whose first events were written before anybody looked. */
function shown(isTerminal: boolean, begins?: (event: SiagaEvent) => boolean) {
  const listeners = new Set<(event: SiagaEvent) => void>();
  const known: SiagaEvent[] = [started];
  const frames: string[][] = [];
  let lines = '';
  const journal = {
    events: () => known,
    subscribe(listener: (event: SiagaEvent) => void) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  } as unknown as Journal;
  const platform = {
    terminal: { isTerminal, color: false, columns: 100, rows: 40 },
    paint: (frame: readonly string[] | 'keep') => void (frame !== 'keep' && frames.push([...frame])),
    stderr: (text: string) => void (lines += text),
    clock: { sleep: () => new Promise(() => undefined) },
  } as unknown as Platform;
  const hide = showProgress(journal, platform, begins);
  return {
    happen(...more: readonly SiagaEvent[]) {
      for (const event of more) for (const listener of listeners) listener(event);
    },
    end() {
      hide();
      return { frame: frames.at(-1) ?? [], frames: frames.length, lines: lines.split('\n').slice(0, -1) };
    },
  };
}

const stays = ({ type, data }: SiagaEvent): boolean => type === 'run.phase' && data.part === 'staying';

describe('two-am: the live view', () => {
  test('two-am: knows the rules although the run began before it looked', () => {
    const view = shown(true);
    view.happen(...events.slice(1, declared + 1));
    const { frame } = view.end();
    expect(frame[0]).toMatch(/^siaga gameday default on reference/);
    expect(frame.find((line) => line.startsWith('CoinAPI says down'))).toMatch(
      /100% n=\d+ +█+│█* {2}rate > 50%$/,
    );
  });

  test('two-am: a round shows nothing until it stays, and then why', () => {
    const view = shown(true, stays);
    view.happen(...events.slice(1, 5));
    const quiet = shown(true, stays);
    expect(quiet.end().frames).toBe(0);
    view.happen(phase('staying'));
    expect(view.end().frame[1]).toMatch(/^phase {6}staying .*: sol failed$/);
  });

  test('two-am: plain lines where nothing can be painted, the beginning included', () => {
    const view = shown(false);
    view.happen(...events.slice(1, declared + 1));
    const { frames, lines } = view.end();
    expect(frames).toBe(0);
    expect(lines[0]).toMatch(/Z {6}gameday default on reference started, a drill$/);
    expect(lines.join('\n')).not.toContain('\u001b');
  });

  test('two-am: of a round, plain lines from where it stays', () => {
    const view = shown(false, ({ type }) => type === 'run.phase');
    view.happen(phase('staying'), ...events.slice(1, declared + 1));
    const { lines } = view.end();
    expect(lines[0]).toMatch(/Z {6}staying: sol failed$/);
  });
});
