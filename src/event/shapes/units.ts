import type { Severity } from '../specs.ts';
import { either, flag, number, oneOf, text, type Shape } from './shape.ts';

// The last millisecond that is written with a year of four digits.
const lastMoment = Date.UTC(9999, 11, 31, 23, 59, 59, 999);
const year = 366 * 24 * 3_600_000;

/** UTC, milliseconds. */
export const moment = number({ min: 0, max: lastMoment });
/** Milliseconds; a hundred years at most. */
export const span = number({ min: 0, max: 100 * year });
/** A difference of clocks, or a lateness, which may be negative. */
export const shift = number({ min: -lastMoment, max: lastMoment });
/** A number that was measured. */
export const figure = number({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE });
/** A share of 1, or a rate. */
export const positive = number({ min: 0, max: Number.MAX_VALUE });
export const count = number({ min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });
/** A citation: the sequence of an event. */
export const sequence = number({ min: 0, max: Number.MAX_SAFE_INTEGER, whole: true });

export const severity: Shape<Severity> = oneOf('SEV-0', 'SEV-1', 'SEV-2', 'SEV-3', 'SEV-4');
/** What a check says of a state of the system. */
export const stateValue: Shape<boolean | string | number> = either(flag, either(text, figure));
