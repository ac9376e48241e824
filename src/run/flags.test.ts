import { describe, expect, it } from 'vitest';
import { optionWords, type CommandOptions } from './flags.ts';

describe('the options of a command that repeats a run', () => {
  it.each<[string, CommandOptions, string]>([
    ['none', {}, ''],
    ['what was not given', { '--scenario': undefined }, ''],
    ['a plain value', { '--scenario': 'smoke' }, '--scenario smoke'],
    ['one without a value', { '--no-stay': true }, '--no-stay'],
    ['several values', { '--tag': ['core', 'health'] }, '--tag core --tag health'],
    ['an address', { '--wait': 'http://127.0.0.1:3000/health' }, '--wait http://127.0.0.1:3000/health'],
    ['a command', { '--up': 'docker compose up' }, "--up 'docker compose up'"],
    [
      'quotes and what a shell would run',
      { '--up': "echo 'a' $(b)" },
      String.raw`--up 'echo '\''a'\'' $(b)'`,
    ],
  ])('%s', (_, options, words) => {
    expect(optionWords(options).join(' ')).toBe(words);
  });
});
