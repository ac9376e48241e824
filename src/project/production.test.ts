import { expect, test } from 'vitest';
import { validateConfig } from './config-shape.ts';
import { environmentFaults } from './environment-faults.ts';
import { selectTarget } from './select.ts';
import type { Target } from './target.ts';

const target = (name: string, more: Partial<Target> = {}): Target => ({
  name,
  url: `https://${name}.example.com`,
  proxies: {},
  ...more,
});
const production = target('live', { production: true, toxiproxy: 'http://live.example.com:8474' });
const pathsOf = (...targets: readonly Target[]): readonly string[] =>
  validateConfig({ targets, defaultTarget: 'live' }).map(({ path }) => path);

test.each<[string, Partial<Target>, readonly string[]]>([
  ['its URL', { url: 'https://LIVE.example.com:443/' }, ['targets[1].url']],
  ['its Toxiproxy', { toxiproxy: 'http://live.example.com:8474/' }, ['targets[1].toxiproxy']],
  ['its Toxiproxy as its URL', { url: 'http://live.example.com:8474' }, ['targets[1].url']],
  ['another port', { url: 'https://live.example.com:8443' }, []],
  ['another path', { url: 'https://live.example.com/staging' }, []],
  ['nothing', {}, []],
  ['its URL, and is production too', { url: 'https://live.example.com', production: true }, []],
])('hostile 10: a target that shares %s with production', (_, more, paths) => {
  expect(pathsOf(production, target('staging', more))).toEqual(paths);
});

test('hostile 10: names of this machine are one address; reference systems are not one system', () => {
  const here = target('live', { production: true, url: 'http://localhost:3000' });
  expect(pathsOf(here, target('staging', { url: 'http://127.0.0.1:3000' }))).toEqual(['targets[1].url']);
  const reference = target('live', { production: true, url: 'reference' });
  expect(pathsOf(reference, target('staging', { url: 'reference' }))).toEqual([]);
});

test('hostile 10: by variables too, told by validate and refused by every command', () => {
  const config = { targets: [production, target('staging', { url: '${STAGING}' })] };
  const env = { STAGING: 'https://live.example.com' };
  expect(validateConfig(config)).toEqual([]);
  expect(environmentFaults(config, env, 'staging')).toMatchObject([
    {
      level: 'error',
      path: 'targets[1].url',
      allowed: expect.stringContaining('what production uses is production'),
    },
  ]);
  expect(() => selectTarget(config, 'staging', env)).toThrow(
    expect.objectContaining({ code: 'production-shared', exitCode: 2 }),
  );
  expect(selectTarget(config, 'live', env).target.name).toBe('live');
  const moved = { STAGING: 'https://staging.example.com', SIAGA_TARGET_URL: 'https://live.example.com' };
  expect(() => selectTarget(config, 'staging', moved)).toThrow(
    expect.objectContaining({ code: 'production-shared' }),
  );
});

test.each(['http://me:hunter22@127.0.0.1:8474', 'http://me@127.0.0.1:8474'])(
  'hostile 9: the Toxiproxy %s is refused with a hint, and told without its password',
  (toxiproxy) => {
    const [fault, ...rest] = validateConfig({ targets: [target('staging', { toxiproxy })] });
    expect(rest).toEqual([]);
    expect(fault).toMatchObject({
      level: 'error',
      path: 'targets[0].toxiproxy',
      got: 'http://…@127.0.0.1:8474',
      hint: expect.stringContaining('Toxiproxy knows no login'),
    });
    const config = { targets: [target('staging', { toxiproxy: '${TOXIPROXY}' })] };
    expect(() => selectTarget(config, 'staging', { TOXIPROXY: toxiproxy })).toThrow(
      expect.objectContaining({
        code: 'bad-url',
        facts: expect.objectContaining({ got: 'http://…@127.0.0.1:8474' }),
      }),
    );
  },
);
