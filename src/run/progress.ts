import type { Journal, SiagaEvent } from '../event/envelope.ts';
import { renderFrame } from '../report/live/frame.ts';
import { plainLog } from '../report/live/plain-line.ts';
import { advance, beginning } from '../report/live/state.ts';
import type { Platform } from './platform.ts';

const repaintMs = 250;

/** A run that is shown from its beginning, or from the first event that is worth showing. */
type Beginning = (event: SiagaEvent) => boolean;

/**
 * Shows a run as it goes, on stderr: a frame that is repainted on a terminal, plain lines elsewhere. What happened
 * before it is called is shown too. Returns the end.
 */
export function showProgress(
  journal: Journal,
  platform: Platform,
  begins: Beginning = () => true,
): () => void {
  return platform.terminal.isTerminal
    ? showFrames(journal, platform, begins)
    : showLines(journal, platform, begins);
}

/** Every event of a run so far, and every one to come. */
function follow(journal: Journal, listener: (event: SiagaEvent) => void): () => void {
  for (const event of journal.events()) listener(event);
  return journal.subscribe(listener);
}

function showLines(journal: Journal, { stderr }: Platform, begins: Beginning): () => void {
  const lineOf = plainLog();
  let begun = false;
  return follow(journal, (event) => {
    const line = lineOf(event);
    begun ||= begins(event);
    if (begun && line !== undefined) stderr(`${line}\n`);
  });
}

function showFrames(journal: Journal, { terminal, paint, clock }: Platform, begins: Beginning): () => void {
  let state = beginning;
  let begun = false;
  const unsubscribe = follow(journal, (event) => {
    state = advance(state, event);
    begun ||= begins(event);
  });
  const show = () => {
    if (!begun) return;
    const { columns, rows, color } = terminal;
    paint(renderFrame(state, { width: columns, height: rows - 1, color }));
  };
  const ended = new AbortController();
  void (async () => {
    while (!ended.signal.aborted) {
      show();
      await clock.sleep(repaintMs, ended.signal).catch(() => undefined);
    }
  })();
  return () => {
    unsubscribe();
    ended.abort();
    show();
    paint('keep');
  };
}
