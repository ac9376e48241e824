import { expect, test } from 'vitest';
import { configSecrets, secretsOf } from './secrets.ts';
import type { Config, Target } from './target.ts';
import type { Project } from './types.ts';

const target = (name: string, more: Partial<Target>): Target => ({
  name,
  url: 'https://${HOST}',
  proxies: {},
  ...more,
});
const config: Config = {
  targets: [
    target('staging', {
      identity: {
        probe: { 'x-sess': '${SESS}', 'x-client': 'siaga-probe' },
        load: { 'x-api-key': 'literal-1' },
      },
    }),
    target('canary', { url: 'https://${HOST}/${PATH_TOKEN}', toggles: { read: { url: '${TOGGLES}' } } }),
  ],
  channels: { hook: { kind: 'webhook', url: 'https://hooks.example.com/T1/longer-than-8' } },
};
const env = {
  HOST: 'staging.example.com',
  SESS: 'a-session',
  PATH_TOKEN: 'in-the-path',
  TOGGLES: 'https://me:pw-of-toggles@toggles.example.com/admin?sig=abc123',
};

test('hostile 8: every variable and every identity header of the whole project is secret, whatever its name', () => {
  const found = configSecrets(config, env);
  expect(found).toEqual(
    expect.arrayContaining([
      'a-session',
      'siaga-probe',
      'literal-1',
      'in-the-path',
      'pw-of-toggles',
      'abc123',
      'longer-than-8',
    ]),
  );
});

test('the address of a target and its name are none', () => {
  const found = configSecrets(config, { ...env, SESS: 'canary' });
  for (const name of ['staging.example.com', 'toggles.example.com', 'canary'])
    expect(found).not.toContain(name);
});

test('the names of a project are spared: its signals, checks and scenarios', () => {
  const runbook = { signals: { 'rest.latency': { title: 'p95 of REST' } } };
  const named = [{ name: 'smoke', tags: ['core'] }];
  const project = {
    config,
    runbook,
    checks: named,
    experiments: named,
    channels: [],
    sources: [],
    scenarios: named,
  } as unknown as Project;
  expect(secretsOf(project, env).names).toEqual(
    expect.arrayContaining(['rest.latency', 'p95 of REST', 'smoke', 'core', 'staging', 'hook']),
  );
});
