import { describe, expect, it } from 'vitest';
import { cacheFolder } from './context.ts';
import { shownLocation } from './provide.ts';
import { inRange } from './versions.ts';

describe('the cache folder', () => {
  const cases = [
    ['linux', { HOME: '/home/ana' }, '/home/ana/.cache/siaga'],
    ['linux', { HOME: '/home/ana', XDG_CACHE_HOME: '/var/ana' }, '/var/ana/siaga'],
    ['darwin', { HOME: '/Users/ana', XDG_CACHE_HOME: '/var/ana' }, '/Users/ana/Library/Caches/siaga'],
    ['linux', { HOME: '/home/ana', SIAGA_CACHE_DIR: '/big' }, '/big'],
    ['linux', { HOME: '/home/ana', SIAGA_CACHE_DIR: 'here' }, '/project/here'],
  ] as const;
  it.each(cases)('on %s with %o is %s', (platform, env, folder) => {
    expect(cacheFolder(env, '/project', platform)).toBe(folder);
  });
});

describe('a version', () => {
  const range = { from: '1.7.0', below: '3.0.0' };
  const cases = [
    ['1.6.9', false],
    ['1.7', true],
    ['1.7.0', true],
    ['1.10.0', true],
    ['2.99.99', true],
    ['3.0.0', false],
    ['3.0.0-rc1', false],
  ] as const;
  it.each(cases)('%s in range: %s', (version, expected) => {
    expect(inRange(version, range)).toBe(expected);
  });
});

describe('a URL that is shown', () => {
  it.each([
    ['postgres://ana:secret@db:5432/x', 'postgres://ana:***@db:5432/x'],
    ['redis://db:6379', 'redis://db:6379'],
    ['/usr/bin/postgres', '/usr/bin/postgres'],
  ])('%s becomes %s', (url, shown) => {
    expect(shownLocation({ location: url })).toBe(shown);
  });
});
