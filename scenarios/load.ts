import type { Options } from 'k6/options';
import { arrivals, request } from './lib/endpoints.ts';

/** A minute of steady arrivals over the four endpoints. */
export const options: Options = {
  scenarios: arrivals({ rate: 50, duration: '60s' }),
};

export default request;
