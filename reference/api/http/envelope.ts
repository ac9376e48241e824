import { isDegraded } from '../market/standing.ts';
import type { FastifyRequest } from 'fastify';
import type { Market } from '../market/market.ts';
import type { Source } from '../market/types.ts';

/** What every body that carries data says about itself. Times are epoch ms. */
export interface Envelope {
  readonly degraded: boolean;
  readonly source: Source;
  /** The newest provider message that this answer rests on. */
  readonly asOf: number;
  readonly serverTime: number;
  readonly requestId: string;
}

export function envelope(request: FastifyRequest, market: Market, source: Source, asOf: number): Envelope {
  const degraded = isDegraded(market.toggles, source);
  return { degraded, source, asOf, serverTime: Date.now(), requestId: request.id };
}

/** The envelope of an answer that rests on streamed data of the source that serves now. */
export function standingEnvelope(request: FastifyRequest, market: Market, fromCache = false): Envelope {
  const standing = market.standing();
  // With no source to serve, the answer still rests on CoinAPI, and its age says how far.
  const live = standing.kind === 'serving' ? standing.source : 'coinapi';
  return envelope(request, market, withCache(live, fromCache), market.newestOf(live));
}

/** CoinAPI's data joined with stored data from the cache is not all live; OKX's says so of itself already. */
export function withCache(live: Source, fromCache: boolean): Source {
  return fromCache && live === 'coinapi' ? 'cache' : live;
}
