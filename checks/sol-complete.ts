import { defineCheck } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';
import { ageMs, DataBody, isMarked } from './lib/body.ts';

const Level = z.object({ price: z.number().positive(), size: z.number().positive() });

/** A structure of any shape, as long as something is in it. */
const Filled = z
  .union([z.array(z.unknown()), z.record(z.string(), z.unknown())])
  .refine((value) => Object.keys(value).length > 0, 'something that is not empty');

const SolComplete = DataBody.extend({
  price: z.number().positive(),
  bid: z.number().positive().optional(),
  ask: z.number().positive().optional(),
  smc: Filled,
  cvd: z.union([z.number(), Filled]),
  orderBook: z.object({ bids: z.array(Level).min(1), asks: z.array(Level).min(1) }),
});

export const solComplete = defineCheck({
  name: 'sol-complete',
  title: 'Everything about SOL: price, SMC, CVD and order book',
  tags: ['core', 'contract'],
  every: '250ms',
  request: { path: '/api/sol/complete', timeout: '2s' },
  response: {
    status: 200,
    contentType: 'application/json',
    body: SolComplete,
    within: runbook.limits.answer,
  },
  invariants: {
    'what is not from CoinAPI is marked degraded': ({ body }) => isMarked(body),
    'the bid is not above the ask': ({ body: { bid, ask } }) =>
      bid === undefined || ask === undefined || bid <= ask,
    'the best bid is below the best ask': ({ body }) => {
      const [bid, ask] = [body.orderBook.bids[0], body.orderBook.asks[0]];
      return bid !== undefined && ask !== undefined && bid.price < ask.price;
    },
  },
  // Data ahead of its time is another check's.
  samples: { freshness: ({ body }) => Math.max(0, ageMs(body)) },
  states: {
    degraded: ({ body }) => body.degraded,
    source: ({ body }) => body.source,
    price: ({ body }) => body.price,
  },
});
