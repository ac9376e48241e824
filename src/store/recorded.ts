import type { Recorded } from '../event/store.ts';
import { openRecorded } from './database.ts';
import { isDatabaseError, storeFault } from './fault.ts';
import { Rows } from './rows.ts';

/**
 * What a project has on record, for a command that only reads: nothing is created and nothing is written. `undefined`
 * where nothing is on record.
 * @throws {SiagaError} `store-corrupt`, `store-newer`, `store-foreign` or `store-busy` (exit 3).
 */
export function readStore(path: string): Recorded | undefined {
  const database = openRecorded(path);
  if (database === undefined) return undefined;
  const rows = new Rows(database);
  const guarded = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw isDatabaseError(error) ? storeFault(error, path) : error;
    }
  };
  return {
    read: (query = {}) => guarded(() => rows.select(query)),
    runs: () => guarded(() => rows.runs()),
    close: () => database.close(),
  };
}
