import type { Options } from 'k6/options';
import { arrivals, request } from './lib/endpoints.ts';

/** A few hundred requests over the four endpoints: enough for a percentile of each, gentle on anything. */
export const options: Options = {
  scenarios: arrivals({ rate: 12, duration: '22s' }),
};

export default request;
