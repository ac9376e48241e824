import type { Condition } from '../event/specs.ts';

/** Whether a value meets a condition. Exact: 650 is not `> 650`. */
export function holds({ comparison, value: limit }: Condition, value: number): boolean {
  switch (comparison) {
    case '>':
      return value > limit;
    case '>=':
      return value >= limit;
    case '<':
      return value < limit;
    case '<=':
      return value <= limit;
    case '==':
      return value === limit;
  }
}
