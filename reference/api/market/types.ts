export type ProviderName = 'coinapi' | 'okx';

/** Where data came from, in the words of the API's bodies. */
export type Source = ProviderName | 'cache';

export interface Trade {
  readonly id: number;
  readonly pair: string;
  readonly price: number;
  readonly size: number;
  readonly side: 'buy' | 'sell';
  /** When the provider made it, epoch ms. */
  readonly ts: number;
}

export interface Level {
  readonly price: number;
  readonly size: number;
}

export interface Ticker {
  readonly price: number;
  readonly bid: number;
  readonly ask: number;
  readonly ts: number;
}

export interface Book {
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly ts: number;
}

/** What a provider says about a pair at one moment. */
export interface Quote {
  readonly provider: ProviderName;
  readonly pair: string;
  readonly ticker: Ticker;
  readonly book: Book;
  /** The newer of the provider's two time stamps, epoch ms. */
  readonly asOf: number;
}

/** How one provider's HTTP answers and stream messages are understood. Each function throws on what it cannot read. */
export interface Adapter {
  readonly name: ProviderName;
  ticker(body: unknown): Ticker;
  book(body: unknown): Book;
  trades(body: unknown, pair: string): readonly Trade[];
  pairs(body: unknown): readonly string[];
  streamed(message: unknown): readonly Trade[];
}
