/** Progress of a run for a terminal, and for a log. Pure: the caller repaints. */
export { renderFrame } from './live/frame.ts';
export { plainLine, plainLog } from './live/plain-line.ts';
export { advance, beginning } from './live/state.ts';
