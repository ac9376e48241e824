import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import type { Draft, SiagaEvent } from '../event/envelope.ts';
import type { EventQuery, RunSummary, Writer } from '../event/store.ts';
import { upgrade } from '../event/upgrade.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { stamp } from './stamp.ts';

const insertion =
  'INSERT INTO events (v, run, target, at, mono, boot, type, data) VALUES (?, ?, ?, ?, ?, ?, ?, ?)';

/** The statements of one connection, prepared once. */
export class Rows {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  insert(writer: Writer, draft: Draft): SiagaEvent {
    const unnumbered = stamp(writer, draft);
    const { v, run, at, mono, boot, type } = unnumbered;
    const data = JSON.stringify(unnumbered.data);
    const { lastInsertRowid } = this.#statement(insertion).run(
      v,
      run,
      writer.target,
      at,
      mono,
      boot,
      type,
      data,
    );
    return { ...unnumbered, seq: Number(lastInsertRowid) };
  }

  select(query: EventQuery): SiagaEvent[] {
    const conditions: [sql: string, value: SQLInputValue][] = [['seq > ?', query.sinceSeq ?? 0]];
    if (query.run !== undefined) conditions.push(['run = ?', query.run]);
    if (query.target !== undefined) conditions.push(['target = ?', query.target]);
    if (query.types) {
      conditions.push(['type IN (SELECT value FROM json_each(?))', JSON.stringify(query.types)]);
    }
    const where = conditions.map(([sql]) => sql).join(' AND ');
    const sql = `SELECT v, seq, run, at, mono, boot, type, data FROM events WHERE ${where} ORDER BY seq`;
    const values = conditions.map(([, value]) => value);
    const { newest } = query;
    const rows =
      newest === undefined
        ? this.#statement(sql).all(...values)
        : this.#statement(`${sql} DESC LIMIT ?`)
            .all(...values, newest)
            .toReversed();
    return rows.map(eventOf);
  }

  runs(): RunSummary[] {
    return this.#statement(runsQuery).all().map(summaryOf);
  }

  #statement(sql: string): StatementSync {
    const known = this.#prepared.get(sql) ?? this.#database.prepare(sql);
    this.#prepared.set(sql, known);
    return known;
  }
}

type Row = Record<string, unknown>;

// What lies in the table was written by `insert`, from typed drafts: whoever else writes there may break it.
function eventOf(row: Row): SiagaEvent {
  return upgrade({ ...row, data: payloadOf(row) } as unknown as SiagaEvent);
}

function payloadOf({ seq, data }: Row): unknown {
  try {
    const payload: unknown = JSON.parse(String(data));
    if (typeof payload === 'object' && payload !== null) return payload;
  } catch {
    // Told below, without quoting it.
  }
  throw new SiagaError('store-damaged', {
    what: 'an event in the store is damaged',
    where: `event ${String(seq)}`,
    got: 'a payload that is no JSON object',
    hint: 'move .siaga/siaga.db away; a new store is created, and each run keeps its own events.ndjson',
    exitCode: exit.inconclusive,
  });
}

const runsQuery = `
SELECT run, target, startedAt, lastAt, events,
       json_extract(started, '$.command') AS command, json_extract(started, '$.subject') AS subject,
       json_extract(finished, '$.verdict') AS verdict, json_extract(finished, '$.exitCode') AS exitCode
FROM (
  SELECT run, min(target) AS target, min(at) AS startedAt, max(at) AS lastAt, count(*) AS events, min(seq) AS first,
         max(CASE type WHEN 'run.started' THEN iif(json_valid(data), data, NULL) END) AS started,
         max(CASE type WHEN 'run.finished' THEN iif(json_valid(data), data, NULL) END) AS finished
  FROM events GROUP BY run
) ORDER BY first DESC`;

const summaryOf = (row: Row): RunSummary =>
  Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null)) as unknown as RunSummary;
