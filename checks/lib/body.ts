import { z } from 'zod';

const millisecond = z.number().int().positive();

/** What every body that carries market data says about where it comes from and how old it is. */
export const DataBody = z.object({
  degraded: z.boolean(),
  source: z.enum(['coinapi', 'okx', 'cache']),
  /** Newest provider message used, and the server's own time: epoch milliseconds. */
  asOf: millisecond,
  serverTime: millisecond,
});

type Data = z.infer<typeof DataBody>;

/** Fallback data must say so. An operator may mark everything degraded, so CoinAPI's may be marked too. */
export const isMarked = ({ degraded, source }: Data): boolean => degraded || source === 'coinapi';

/** Age of data by the server's own clock: neither our clock nor an illiquid pair makes it stale. */
export const ageMs = ({ asOf, serverTime }: Data): number => serverTime - asOf;
