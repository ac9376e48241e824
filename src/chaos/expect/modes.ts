import type { Duration } from '../../kernel/duration.ts';
import type { Expectation, Observation } from '../definition.ts';

/** Met once the observation is, by the deadline: real time from the stage's beginning, scaled by nothing. */
export const within = (deadline: Duration, observation: Observation): Expectation => ({
  mode: 'within',
  deadline,
  observation,
});

/** Met once the observation is, before the stage is over: for what waits on the runbook's own windows. */
export const eventually = (observation: Observation): Expectation => ({ mode: 'within', observation });

/** Met where the observation is met all through the stage, and seen to be. The settling time is left out. */
export const throughout = (
  observation: Observation,
  options: { readonly settling?: Duration } = {},
): Expectation => ({ mode: 'throughout', observation, ...options });

/** Met where the observation is never met in the stage, and seen not to be. */
export const never = (
  observation: Observation,
  options: { readonly settling?: Duration } = {},
): Expectation => ({ mode: 'never', observation, ...options });
