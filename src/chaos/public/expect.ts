/** What `expect.` offers to an experiment: when something has to hold, and what. */
export { eventually, never, throughout, within } from '../expect/modes.ts';

export { value } from '../expect/agreement.ts';
export { answers, passes, state } from '../expect/answers.ts';
export { breaker } from '../expect/breaker.ts';
export { incident, message, recovered } from '../expect/incident.ts';
export { signal } from '../expect/signal.ts';
