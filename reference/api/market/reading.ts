/** A provider's answer did not have the shape it should have. */
export class Unreadable extends Error {
  constructor(path: string, wanted: string) {
    super(`${path} is not ${wanted}`);
    this.name = 'Unreadable';
  }
}

export function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unreadable(path, 'an object');
  return value as Readonly<Record<string, unknown>>;
}

export function list(value: unknown, path: string): readonly unknown[] {
  if (!Array.isArray(value)) throw new Unreadable(path, 'a list');
  return value;
}

export function text(value: unknown, path: string): string {
  if (typeof value !== 'string' || value === '') throw new Unreadable(path, 'a text');
  return value;
}

/** A finite number above zero, given as a number or as a decimal text. */
export function amount(value: unknown, path: string): number {
  const number = typeof value === 'string' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number <= 0) {
    throw new Unreadable(path, 'a number above zero');
  }
  return number;
}

export function isoTime(value: unknown, path: string): number {
  const time = Date.parse(text(value, path));
  if (Number.isNaN(time)) throw new Unreadable(path, 'a time');
  return time;
}

export function side(value: unknown, path: string): 'buy' | 'sell' {
  const name = text(value, path).toLowerCase();
  if (name !== 'buy' && name !== 'sell') throw new Unreadable(path, 'a side');
  return name;
}
