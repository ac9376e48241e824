import { describe, expect, test } from 'vitest';
import { localTime } from './zone.ts';

const at = Date.UTC(2026, 8, 13, 17, 5, 9);

describe('a moment on a wall clock', () => {
  test.each([
    ['Asia/Jakarta', '2026-09-14', '00:05:09', 'WIB'],
    ['Asia/Makassar', '2026-09-14', '01:05:09', 'WITA'],
    ['Asia/Jayapura', '2026-09-14', '02:05:09', 'WIT'],
    ['UTC', '2026-09-13', '17:05:09', 'UTC'],
    ['Europe/Berlin', '2026-09-13', '19:05:09', 'UTC+02:00'],
    ['America/St_Johns', '2026-09-13', '14:35:09', 'UTC-02:30'],
    ['Nowhere/Land', '2026-09-13', '17:05:09', 'UTC'],
  ])('in %s', (zone, date, time, label) => {
    expect(localTime(at, zone)).toEqual({ date, time, label });
  });
});
