import { afterEach, expect, test, vi } from 'vitest';
import { environment } from './environment.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

test('hostile: a proxy of the machine does not come between k6 and the target, unless it is declared', () => {
  for (const name of ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'NO_PROXY', 'ALL_PROXY'])
    vi.stubEnv(name, 'http://proxy.example.com:3128');
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'not for scripts');
  expect(Object.keys(environment({})).filter((name) => /proxy|secret/i.test(name))).toEqual([]);
  expect(environment({ HTTPS_PROXY: 'http://mine:3128' })).toMatchObject({ HTTPS_PROXY: 'http://mine:3128' });
});
