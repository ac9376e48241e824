import { expect, test } from 'vitest';
import config from '../../siaga.config.ts';
import { validateConfig } from './config-shape.ts';

const hook = { kind: 'webhook', url: 'https://example.com/hook' };
const withChannels = (channels: object) => ({ ...config, channels });

test('the configuration of this checkout holds no fault', () => {
  expect(validateConfig(config)).toEqual([]);
});

test.each<[string, object, string, string, string | undefined]>([
  [
    'something that no message is about',
    { hook: { ...hook, receives: ['drill'] } },
    'channels.hook.receives[0]',
    'this is not one of the known values',
    'did you mean drills?',
  ],
  [
    'a channel that receives nothing',
    { hook: { ...hook, receives: [] } },
    'channels.hook.receives',
    '',
    undefined,
  ],
  [
    'a plain word',
    { hook: { ...hook, receives: 'drills' } },
    'channels.hook.receives',
    'this must be a list',
    undefined,
  ],
  [
    'the name of the terminal',
    { terminal: hook },
    'channels.terminal',
    'this name is taken by the terminal',
    undefined,
  ],
])('%s is an error', (_, channels, path, message, hint) => {
  const [fault, ...rest] = validateConfig(withChannels(channels));
  expect(rest).toEqual([]);
  expect(fault).toMatchObject({ level: 'error', path, ...(hint && { hint }) });
  expect(fault?.message).toContain(message);
});

test.each<[string, object, string]>([
  ['only drills', { hook: { ...hook, receives: ['drills'] } }, 'hook receives drills'],
  ['only a reserve', { hook: { ...hook, standby: true } }, 'hook on standby'],
])('%s is a warning: nobody would be paged', (_, channels, got) => {
  expect(validateConfig(withChannels(channels))).toEqual([
    expect.objectContaining({ level: 'warning', path: 'channels', got }),
  ]);
});

test.each<[string, object]>([
  ['none at all', {}],
  ['one without a word', { hook }],
  ['one of several', { hook, practice: { ...hook, receives: ['drills', 'monitoring'] } }],
])('%s is sound', (_, channels) => {
  expect(validateConfig(withChannels(channels))).toEqual([]);
});

test.each([
  ['--token=${TOKEN}', ['targets[0].toggles.apply.command[1]']],
  ['--token=$TOKEN', []],
])('hostile: everybody reads the words of a toggle command in the process list: %s', (word, paths) => {
  const apply = { command: ['set', word], timeout: '1m' };
  const toggles = { read: { url: 'https://x.example.com/toggles' }, apply };
  const target = { name: 'live', url: 'https://x.example.com', proxies: {}, toggles };
  expect(validateConfig({ targets: [target] }).map(({ path }) => path)).toEqual(paths);
});
