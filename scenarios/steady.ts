import type { Options } from 'k6/options';
import { arrivals, request } from './lib/endpoints.ts';

/** What runs beside an experiment or a game day, until it is stopped: longer than any of them. */
export const options: Options = {
  scenarios: arrivals({ rate: 50, duration: '3h' }),
};

export default request;
