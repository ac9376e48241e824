import type { RunJournal, Store } from '../event/store.ts';
import { isStoreFault, type StoreFault } from './fault.ts';
import { StoreJournal } from './journal.ts';
import { openStore } from './store.ts';

/**
 * As `openStore`; on a full or failing disk a store that holds nothing and takes nothing, so that a round can still look
 * at the target and tell people: its journal keeps the events in memory, and says that they are not recorded.
 * @throws {SiagaError} as `openStore` does for anything else that is wrong with the store.
 */
export function openStoreOrNone(path: string, hide?: (text: string) => string): Store {
  try {
    return openStore(path, hide);
  } catch (error) {
    if (!isStoreFault(error) || !noRoom.has(error.code)) throw error;
    return absentStore(path, error, hide);
  }
}

// SQLite tells a full disk also as an error of reading or writing.
const noRoom: ReadonlySet<string> = new Set(['store-full', 'store-failed']);

function absentStore(path: string, fault: StoreFault, hide?: (text: string) => string): Store {
  const refuse = (): never => {
    throw fault;
  };
  const backing = { insert: refuse, decide: () => Promise.reject(fault), all: () => [] };
  return {
    path,
    journal: (options): RunJournal => new StoreJournal({ ...(hide && { hide }), ...options }, backing),
    decide: () => Promise.reject(fault),
    read: () => [],
    runs: () => [],
    close: () => {},
  };
}
