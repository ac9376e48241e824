import { expect, it } from 'vitest';
import { renderHealth } from './doctor.ts';

const health: Parameters<typeof renderHealth>[0] = {
  node: { version: '24.11.0', path: '/bin/node' },
  go: null,
  cache: { folder: '/cache', bytes: 0 },
  tools: [],
};

it.each([
  [
    'one that answers',
    { ok: true, engine: { address: 'unix:///var/run/docker.sock', version: '28.5.1' } } as const,
    ' ok  docker      28.5.1  unix:///var/run/docker.sock',
  ],
  [
    'none',
    { ok: false, reason: 'no Docker engine answers at unix:///x (connect ENOENT /x)' } as const,
    ' --  docker      no Docker engine answers at unix:///x (connect ENOENT /x); only needed for parts in containers',
  ],
])('a Docker engine is told of: %s', (_, docker, line) => {
  expect(renderHealth({ ...health, docker }).split('\n')).toContain(line);
});
