/** The values a rule looked at, by path. */
export type Reads = ReadonlyMap<string, unknown>;

/**
 * Runs a rule over an object and notes which leaves it read, so that a broken rule can name what it was about.
 * A rule that cannot run on a watched object, or throws, tells what it read until then.
 */
export function tracedReads(run: (watched: never) => unknown, object: object): Reads {
  const reads = new Map<string, unknown>();
  try {
    settle(run(watch(object, '', reads) as never));
  } catch {
    // What was read before the throw is the answer.
  }
  return reads;
}

/** Whether a rule looks at how long an answer took. */
export const readsTime = (run: (watched: never) => unknown, answer: object): boolean =>
  tracedReads(run, answer).has('durationMs');

function watch(object: object, path: string, reads: Map<string, unknown>): object {
  return new Proxy(object, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || typeof value === 'function' || isLength(target, key)) return value;
      const at = childPath(path, key, Array.isArray(target));
      reads.delete(path);
      reads.set(at, value);
      return isPlain(value) ? watch(value, at, reads) : value;
    },
  });
}

function isLength(target: object, key: string): boolean {
  return Array.isArray(target) && key === 'length';
}

function childPath(path: string, key: string, inArray: boolean): string {
  if (inArray) return `${path}[${key}]`;
  return path === '' ? key : `${path}.${key}`;
}

// Only these survive being wrapped: a Map or a Date behind a proxy loses its inner slots.
function isPlain(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return Array.isArray(value) || prototype === Object.prototype || prototype === null;
}

/** A promise that nobody waits for must not end the process when it rejects. */
export function settle(given: unknown): void {
  for (const each of Array.isArray(given) ? given : [given]) {
    if (isPromise(each)) Promise.resolve(each).catch(() => undefined);
  }
}

export const isPromise = (given: unknown): boolean => given instanceof Promise;
