import { expect, test } from 'vitest';
import { brokenVariable, fillIn, secretsIn, unsetIn, variablesIn } from './environment.ts';

const env = {
  HOST: 'api.example.com',
  TOKEN: 's3cret-token',
  EMPTY: '',
  PORT: '80',
  URL: 'https://me:hunter22@staging.example.com/api?sig=abcdef',
};

test.each([
  ['no variable', 'plain', 'plain'],
  ['one', 'https://${HOST}', 'https://api.example.com'],
  ['two in one text', '${HOST}:${PORT}', 'api.example.com:80'],
  ['a doubled dollar sign', 'a$$b', 'a$b'],
  ['an escaped variable', '$${HOST}', '${HOST}'],
  ['an escaped dollar before a variable', '$$${HOST}', '$api.example.com'],
  ['a lone dollar sign', '$5', '$5'],
  ['an unset one', '${NOBODY}', '${NOBODY}'],
])('%s: %s becomes %s', (_, text, filled) => {
  expect(fillIn({ deep: [text] }, env)).toEqual({ deep: [filled] });
});

test('a value is never read as a variable again', () => {
  expect(fillIn('${A}', { A: '${B}', B: 'no' })).toBe('${B}');
});

test('variables are found with their places, unset and empty ones are told', () => {
  const found = { url: '${HOST}', list: ['${EMPTY}', '$${NOT}'], 'a.b': '${NOBODY}' };
  expect(variablesIn(found)).toEqual([
    { name: 'HOST', path: 'url' },
    { name: 'EMPTY', path: 'list[0]' },
    { name: 'NOBODY', path: "['a.b']" },
  ]);
  expect(unsetIn(found, env).map(({ name }) => name)).toEqual(['EMPTY', 'NOBODY']);
});

test.each([
  ['${1A}', '${1A}'],
  ['${A', '${A'],
  ['${A-b}', '${A-b}'],
  ['${}', '${}'],
  ['${A}', undefined],
  ['$${1A}', undefined],
  ['$A', undefined],
])('%s as a variable: broken is %s', (text, broken) => {
  expect(brokenVariable(text)).toBe(broken);
});

test.each([
  ['a variable, wherever it stands', { url: 'https://x/${TOKEN}' }, ['s3cret-token']],
  ['an identity header', { identity: { probe: { 'x-sess': 'a-session' } } }, ['a-session']],
  ['a variable that holds a URL: its parts', { url: '${URL}' }, ['hunter22', 'abcdef']],
  ['a URL that is called', { heartbeat: 'https://beat/1234-5678/start' }, ['1234-5678']],
  ['a place of one', { bearer: '${HOST}' }, ['api.example.com']],
  ['a channel', { channels: { hook: { url: 'https://${HOST}/x' } } }, ['api.example.com']],
  ['written out', { bearer: 'written-out' }, ['written-out']],
  ['a password in a URL', { url: 'https://me:hunter22@x/' }, ['hunter22']],
  ['an encoded password', { url: 'https://me:a%40b%40c@x/' }, ['a%40b%40c', 'a@b@c']],
  ['what is not set', { bearer: '${NOBODY}', url: '${EMPTY}' }, []],
  ['an address without a variable', { url: 'https://api.example.com/a-long-path' }, []],
])('secrets: %s', (_, found, secrets) => {
  expect(secretsIn(found, env)).toEqual(secrets);
});
