import { describe, expect, test } from 'vitest';
import { type AnyCheck, defineCheck } from './definition.ts';
import { selectChecks } from './select.ts';

const named = (name: string, ...tags: string[]): AnyCheck =>
  defineCheck({ name, tags, every: '1s', request: { path: '/', timeout: '1s' }, response: { status: 200 } });

const all = [named('pairs', 'core', 'contract'), named('stream', 'core'), named('ready', 'health')];

describe('selection', () => {
  test.each<[string, string[], string[], string[]]>([
    ['everything by default', [], [], ['pairs', 'stream', 'ready']],
    ['names, in the order of their definitions', ['ready', 'pairs'], [], ['pairs', 'ready']],
    ['any of the tags', [], ['contract', 'health'], ['pairs', 'ready']],
    ['names that bear a tag', ['pairs', 'ready'], ['core'], ['pairs']],
  ])('takes %s', (_name, names, tags, expected) => {
    expect(selectChecks(all, { names, tags }).map(({ name }) => name)).toEqual(expected);
  });

  test.each<[string, readonly AnyCheck[], string[], string[], string, object]>([
    ['a misspelt name', all, ['strem'], [], 'unknown-check', { got: 'strem', hint: 'did you mean stream?' }],
    ['a name like none', all, ['xyzzy-frobnicate'], [], 'unknown-check', { allowed: 'pairs, stream, ready' }],
    ['one bad name among good ones', all, ['pairs', 'nope'], [], 'unknown-check', {}],
    ['a misspelt tag', all, [], ['cors'], 'unknown-tag', { hint: 'did you mean core?' }],
    ['names without the tag', all, ['ready'], ['core'], 'nothing-selected', { got: 'ready, tag core' }],
    ['a project without checks', [], [], [], 'nothing-selected', { got: 'a project without checks' }],
  ])('refuses %s with exit 2', (_name, checks, names, tags, code, facts) => {
    expect(() => selectChecks(checks, { names, tags })).toThrow(
      expect.objectContaining({ code, exitCode: 2, facts: expect.objectContaining(facts) }),
    );
  });
});
