-- Safe to run again: everything is created only where it is missing.

CREATE TABLE IF NOT EXISTS pairs (
  pair  text PRIMARY KEY,
  base  text NOT NULL,
  quote text NOT NULL
);

CREATE TABLE IF NOT EXISTS trades (
  source text NOT NULL CHECK (source IN ('coinapi', 'okx')),
  pair   text NOT NULL,
  id     bigint NOT NULL,
  price  double precision NOT NULL CHECK (price > 0),
  size   double precision NOT NULL CHECK (size > 0),
  side   text NOT NULL CHECK (side IN ('buy', 'sell')),
  ts     timestamptz NOT NULL,
  PRIMARY KEY (source, pair, id)
);
CREATE INDEX IF NOT EXISTS trades_newest ON trades (source, pair, ts DESC);
CREATE INDEX IF NOT EXISTS trades_by_age ON trades (ts);

-- One-minute candles, derived from trades. buy_volume and volume give the volume delta of the minute.
CREATE TABLE IF NOT EXISTS candles (
  source     text NOT NULL,
  pair       text NOT NULL,
  minute     timestamptz NOT NULL,
  open       double precision NOT NULL,
  high       double precision NOT NULL,
  low        double precision NOT NULL,
  close      double precision NOT NULL,
  volume     double precision NOT NULL,
  buy_volume double precision NOT NULL,
  PRIMARY KEY (source, pair, minute)
);
CREATE INDEX IF NOT EXISTS candles_by_age ON candles (minute);

-- Computing a candle again from its trades, instead of adding to it, keeps it right when trades arrive twice.
CREATE OR REPLACE FUNCTION refresh_candles(since timestamptz) RETURNS void LANGUAGE sql AS $$
  INSERT INTO candles (source, pair, minute, open, high, low, close, volume, buy_volume)
  SELECT source, pair, date_trunc('minute', ts),
         (array_agg(price ORDER BY ts))[1], max(price), min(price), (array_agg(price ORDER BY ts DESC))[1],
         sum(size), coalesce(sum(size) FILTER (WHERE side = 'buy'), 0)
  FROM trades
  WHERE ts >= date_trunc('minute', since)
  GROUP BY source, pair, date_trunc('minute', ts)
  ON CONFLICT (source, pair, minute) DO UPDATE
    SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
        volume = excluded.volume, buy_volume = excluded.buy_volume
    WHERE (candles.volume, candles.close) IS DISTINCT FROM (excluded.volume, excluded.close);
$$;

-- Takes a batch of trades as JSON in one round trip. Trades of pairs that are not listed are left out.
CREATE OR REPLACE FUNCTION ingest_trades(batch json) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  oldest timestamptz;
  added  integer;
BEGIN
  WITH given AS (
    SELECT * FROM json_to_recordset(batch)
      AS t (source text, pair text, id bigint, price float8, size float8, side text, ts float8)
  ), kept AS (
    INSERT INTO trades (source, pair, id, price, size, side, ts)
    SELECT source, pair, id, price, size, side, to_timestamp(ts / 1000)
    FROM given JOIN pairs USING (pair)
    ON CONFLICT DO NOTHING
    RETURNING ts
  )
  SELECT count(*), min(kept.ts) INTO added, oldest FROM kept;
  IF added > 0 THEN
    PERFORM refresh_candles(oldest);
  END IF;
  RETURN added;
END;
$$;
