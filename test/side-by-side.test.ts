import { expect, test } from 'vitest';
import { sideBySide } from '../scripts/side-by-side.ts';

test.each([
  [2, 20, 6],
  [2, 30, 6],
  [2, 60, 3],
  [2, 90, 2],
  [2, 300, 2],
  [1, 30, 3],
  [16, 30, 6],
  [16, 300, 4],
])(
  'on %i cores, where an empty program takes %i ms to start, %i drills run side by side',
  (cores, ms, drills) => {
    expect(sideBySide(cores, ms)).toBe(drills);
  },
);
