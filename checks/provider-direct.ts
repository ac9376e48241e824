import { defineCheck } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';

const { providerState } = runbook.recovery;

/** Whether the provider is back: asked on the way the system takes, but not through the system. */
export const providerDirect = defineCheck({
  name: 'provider-direct',
  title: 'CoinAPI answers when asked directly',
  tags: ['provider'],
  every: '500ms',
  request: { through: 'coinapi', path: '/v1/ticker/SOL-USDT', timeout: '1s' },
  response: {
    status: 200,
    contentType: 'application/json',
    body: z.object({ price: z.number().positive() }),
    within: runbook.limits.extreme,
  },
  counted: false,
  states: { [providerState]: () => true },
  unanswered: { states: { [providerState]: false } },
});

const OkxTicker = z.object({ data: z.array(z.object({ last: z.coerce.number().positive() })).min(1) });

/** The fallback's own price, against which an answer labelled okx is held. */
export const okxDirect = defineCheck({
  name: 'okx-direct',
  title: 'OKX answers when asked directly',
  tags: ['provider'],
  every: '500ms',
  request: { direct: 'okx', path: '/v1/ticker/SOL-USDT', timeout: '1s' },
  response: { status: 200, contentType: 'application/json', body: OkxTicker },
  counted: false,
  states: { 'okx-price': ({ body }) => body.data[0]?.last ?? 0 },
});
