/** Progress of a run for a terminal, and for a log. Pure: the caller repaints. */
export { renderFrame, type FrameOptions } from './live/frame.ts';
export { plainLine, plainLog } from './live/plain-line.ts';
export { advance, beginning, type LiveState } from './live/state.ts';
