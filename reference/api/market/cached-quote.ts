import { amount, list, record, text } from './reading.ts';
import type { Book, Level, Quote, Ticker } from './types.ts';

/** A quote from the cache, or undefined for anything else: what lies in a cache is not to be trusted. */
export function checkQuote(value: unknown): Quote | undefined {
  try {
    const quote = record(value, 'quote');
    const provider = quote['provider'] === 'okx' ? 'okx' : 'coinapi';
    return {
      provider,
      pair: text(quote['pair'], 'pair'),
      ticker: ticker(quote['ticker']),
      book: book(quote['book']),
      asOf: amount(quote['asOf'], 'asOf'),
    };
  } catch {
    return undefined;
  }
}

function ticker(value: unknown): Ticker {
  const fields = record(value, 'ticker');
  const at = (name: string): number => amount(fields[name], name);
  return { price: at('price'), bid: at('bid'), ask: at('ask'), ts: at('ts') };
}

function book(value: unknown): Book {
  const fields = record(value, 'book');
  return {
    bids: list(fields['bids'], 'bids').map(level),
    asks: list(fields['asks'], 'asks').map(level),
    ts: amount(fields['ts'], 'ts'),
  };
}

function level(value: unknown): Level {
  const fields = record(value, 'level');
  return { price: amount(fields['price'], 'price'), size: amount(fields['size'], 'size') };
}
