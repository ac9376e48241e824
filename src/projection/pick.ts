import type { EventType } from '../event/catalogue.ts';
import type { EventOf, SiagaEvent } from '../event/envelope.ts';

/** The events of one type, in order. */
export function ofType<T extends EventType>(events: readonly SiagaEvent[], type: T): readonly EventOf<T>[] {
  return events.filter((event) => event.type === type) as unknown as readonly EventOf<T>[];
}

/** Values by key, keys in the order they first came. */
export function groupBy<T>(
  items: Iterable<T>,
  keyOf: (item: T) => string,
): ReadonlyMap<string, readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}

/** Half-open, UTC ms. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

export function within(at: number, spans: readonly Span[]): boolean {
  return spans.some(({ from, to }) => at >= from && at < to);
}
