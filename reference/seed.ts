import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { pairs } from './provider/pairs.ts';
import { lastTradeNumber, tradeNumber } from './provider/trades.ts';
import { EnvironmentReader } from './shared/environment.ts';
import { createLogger, exitOnProblems, startOrExit } from './shared/process.ts';
import type { ProviderName } from './provider/price.ts';

const tradesPerPair = 2_400;
const providers: readonly ProviderName[] = ['coinapi', 'okx'];

const environment = new EnvironmentReader(process.env);
const connectionString = environment.url('DATABASE_URL', ['postgres:', 'postgresql:']);
const logger = createLogger('seed');
exitOnProblems(logger, environment.problems);

await startOrExit(logger, async () => {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000, query_timeout: 30_000 });
  await client.connect();
  try {
    await seed(client);
  } finally {
    await client.end();
  }
});

/** Creates the schema, the pairs and the last twenty minutes of trades. What is there already is kept. */
async function seed(client: pg.Client): Promise<void> {
  const startedAt = Date.now();
  // Two seeds at once would collide in CREATE TABLE IF NOT EXISTS, which is not safe against itself.
  await client.query('SELECT pg_advisory_lock(4207)');
  await client.query(await readFile(new URL('schema.sql', import.meta.url), 'utf8'));
  await client.query(
    `INSERT INTO pairs (pair, base, quote)
     SELECT pair, split_part(pair, '-', 1), split_part(pair, '-', 2) FROM unnest($1::text[]) AS pair
     ON CONFLICT DO NOTHING`,
    [pairs.map(({ pair }) => pair)],
  );
  const added = await insertTrades(client, startedAt);
  await client.query('SELECT refresh_candles(to_timestamp($1::float8 / 1000))', [startedAt - 1_500_000]);
  await client.query('ANALYZE pairs, trades, candles');
  logger.info({ added, durationMs: Date.now() - startedAt }, 'Seeded');
}

async function insertTrades(client: pg.Client, nowMs: number): Promise<number> {
  let added = 0;
  for (const source of providers) {
    for (const { pair } of pairs) added += await insertPair(client, source, pair, nowMs);
  }
  return added;
}

// The providers' trades follow from their numbers alone, so these are the trades that the stream gave at the time.
async function insertPair(
  client: pg.Client,
  source: ProviderName,
  pair: string,
  nowMs: number,
): Promise<number> {
  const newest = lastTradeNumber(pair, nowMs);
  const trades = Array.from({ length: tradesPerPair }, (_, back) =>
    tradeNumber(source, pair, newest - tradesPerPair + 1 + back),
  );
  const result = await client.query(
    `INSERT INTO trades (source, pair, id, price, size, side, ts)
     SELECT $1, $2, id, price, size, side, to_timestamp(ms / 1000)
     FROM unnest($3::bigint[], $4::float8[], $5::float8[], $6::text[], $7::float8[]) AS t (id, price, size, side, ms)
     ON CONFLICT DO NOTHING`,
    [
      source,
      pair,
      trades.map((trade) => trade.id),
      trades.map((trade) => trade.price),
      trades.map((trade) => trade.size),
      trades.map((trade) => trade.side),
      trades.map((trade) => trade.timeMs),
    ],
  );
  return result.rowCount ?? 0;
}
