import type { Journal } from '../event/envelope.ts';
import { advance, beginning, plainLog, renderFrame } from '../report/console.ts';
import type { World } from './world.ts';

const repaintMs = 250;

/** Shows a run as it goes, on stderr: a frame that is repainted on a terminal, plain lines elsewhere. Returns the end. */
export function showProgress(journal: Journal, world: World): () => void {
  return world.terminal.isTerminal ? showFrames(journal, world) : showLines(journal, world);
}

function showLines(journal: Journal, { stderr }: World): () => void {
  const lineOf = plainLog();
  return journal.subscribe((event) => {
    const line = lineOf(event);
    if (line !== undefined) stderr(`${line}\n`);
  });
}

function showFrames(journal: Journal, { stderr, terminal, clock }: World): () => void {
  let state = beginning;
  let painted = 0;
  const paint = () => {
    const lines = renderFrame(state, { width: terminal.columns, color: terminal.color });
    const back = painted === 0 ? '' : `\u001b[${painted}F\u001b[J`;
    stderr(`${back}${lines.join('\n')}\n`);
    painted = lines.length;
  };
  const unsubscribe = journal.subscribe((event) => {
    state = advance(state, event);
  });
  const ended = new AbortController();
  void (async () => {
    while (!ended.signal.aborted) {
      paint();
      await clock.sleep(repaintMs, ended.signal).catch(() => undefined);
    }
  })();
  return () => {
    unsubscribe();
    ended.abort();
    paint();
  };
}
