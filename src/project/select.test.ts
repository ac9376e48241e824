import { describe, expect, test } from 'vitest';
import type { SiagaError } from '../kernel/errors.ts';
import { selectChannels } from './channels.ts';
import { selectTarget } from './select.ts';
import type { Config, Target } from './target.ts';

const target = (name: string, url: string, rest: Partial<Target> = {}): Target => ({
  name,
  url,
  proxies: {},
  ...rest,
});
const staging = target('staging', 'https://${STAGING}/', {
  toggles: { read: { url: 'https://x', bearer: '${TOKEN}' } },
});
const config: Config = { targets: [target('reference', 'reference'), staging] };
const env = { STAGING: 'staging.example.com', TOKEN: 's3cret-token' };

function failure(act: () => unknown): {
  code: string;
  hint?: string | undefined;
  got?: string | undefined;
  exitCode: number;
} {
  try {
    act();
  } catch (error) {
    const { code, facts, exitCode } = error as SiagaError;
    return { code, hint: facts.hint, got: facts.got, exitCode };
  }
  throw new Error('nothing was thrown');
}

test('a target has its variables filled in, its secrets known, its address without a trailing slash', () => {
  const selected = selectTarget(config, 'staging', env);
  expect(selected).toMatchObject({
    address: 'https://staging.example.com',
    isReference: false,
    secrets: ['s3cret-token'],
    target: { toggles: { read: { bearer: 's3cret-token' } } },
  });
});

test('the reference system has no address until it runs, unless SIAGA_TARGET_URL gives one', () => {
  expect(selectTarget(config, 'reference', {})).toMatchObject({ isReference: true });
  expect(selectTarget(config, 'reference', {}).address).toBeUndefined();
  const given = selectTarget(config, 'reference', { SIAGA_TARGET_URL: 'http://127.0.0.1:3000/' });
  expect(given).toMatchObject({ isReference: true, address: 'http://127.0.0.1:3000' });
});

test('SIAGA_TARGET_URL replaces the address of any target', () => {
  const selected = selectTarget(config, 'staging', { ...env, SIAGA_TARGET_URL: 'http://127.0.0.1:3000' });
  expect(selected.address).toBe('http://127.0.0.1:3000');
});

/** Staging, asked at another address. */
const askedAt = (url: string, toggles = 'https://staging.example.com/admin/toggles?all=1') =>
  selectTarget({ targets: [{ ...staging, toggles: { read: { url: toggles } } }] }, 'staging', {
    ...env,
    SIAGA_TARGET_URL: url,
  });
const togglesAt = (toggles?: string) => askedAt('http://127.0.0.1:3000', toggles).target.toggles?.read.url;

describe('hunt 10: another address is another system', () => {
  test('its runs and incidents are called by the target and that address, without secrets', () => {
    expect(askedAt('http://me:hunter22@127.0.0.1:3000/api/?key=abc')).toMatchObject({
      called: 'staging (http://127.0.0.1:3000/api)',
      moved: 'http://127.0.0.1:3000/api',
      target: { name: 'staging' },
    });
  });

  test.each(['https://staging.example.com', 'https://staging.example.com:443/', ''])(
    'the same address in other words (%j) is no other',
    (url) => {
      expect(askedAt(url).called).toBe('staging');
      expect(askedAt(url)).not.toHaveProperty('moved');
    },
  );

  test('the reference system is one of this checkout wherever it is asked', () => {
    const moved = 'http://127.0.0.1:3000';
    const given = selectTarget(config, 'reference', { SIAGA_TARGET_URL: moved });
    expect(given).toMatchObject({ called: 'reference', moved });
  });

  test('toggles that are read at its address are read at the other one, and elsewhere where they were', () => {
    expect(togglesAt()).toBe('http://127.0.0.1:3000/admin/toggles?all=1');
    expect(togglesAt('https://flags.example.com/all')).toBe('https://flags.example.com/all');
  });
});

test.each([
  ['an unknown name', () => selectTarget(config, 'stagin', env), 'unknown-target', 'did you mean staging?'],
  [
    'none named and none the default',
    () => selectTarget(config, undefined, env),
    'no-default-target',
    'name one with --target, or set defaultTarget in siaga.config.ts',
  ],
  ['an unset variable', () => selectTarget(config, 'staging', { TOKEN: 'x' }), 'unset-variable', undefined],
  [
    'a variable that makes no URL',
    () => selectTarget({ targets: [target('a', '${URL}')] }, 'a', { URL: 'nowhere' }),
    'bad-url',
    undefined,
  ],
  [
    'a SIAGA_TARGET_URL that is none',
    () => selectTarget(config, 'reference', { SIAGA_TARGET_URL: 'localhost:3000' }),
    'bad-url',
    undefined,
  ],
])('%s is refused', (_, act, code, hint) => {
  expect(failure(act)).toMatchObject({ code, hint, exitCode: 2 });
});

test('variables of a target that is not chosen need not be set', () => {
  expect(selectTarget(config, 'reference', {}).target.name).toBe('reference');
});

test('a channel without its variables is skipped and told, the others stay', () => {
  const channels = {
    telegram: { kind: 'telegram', token: '${BOT}', chat: '${CHAT}' },
    hook: { kind: 'webhook', url: 'https://${HOOK}' },
  } as const;
  expect(
    selectChannels({ ...config, channels, heartbeat: 'https://beat/${ID}' }, [], {
      HOOK: 'hook.example.com',
    }),
  ).toEqual({
    channels: { hook: { kind: 'webhook', url: 'https://hook.example.com' } },
    skipped: [{ channel: 'telegram', unset: ['BOT', 'CHAT'] }],
  });
});

test('an address that is none is told without its password and query', () => {
  const given = { SIAGA_TARGET_URL: 'ftp://me:hunter22@x/y?key=abc' };
  expect(failure(() => selectTarget(config, 'reference', given)).got).toBe('ftp://…@x/y?…');
});
