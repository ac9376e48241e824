import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runLoad } from '../../../src/load/run.ts';
import { realK6, script, stage } from './stage.ts';

test.each([
  ['the target’s own authority is trusted', true, 'passed'],
  ['an authority nobody named is not', false, 'failed'],
])('%s', async (_, named, outcome) => {
  const { k6 } = await realK6();
  await using here = await stage(k6);
  const [key, ca] = [join(here.folder, 'key.pem'), join(here.folder, 'cert.pem')];
  const subject = ['-subj', '/CN=local', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const made = [
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '1',
    ...subject,
  ];
  execFileSync('openssl', ['req', ...made, '-keyout', key, '-out', ca], { stdio: 'ignore' });
  const server = createServer({ key: readFileSync(key), cert: readFileSync(ca) }, (_request, response) => {
    response.end('{}');
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const context = { ...here.context, target: { url, headers: {}, maxRate: 100, ...(named && { ca }) } };
  const load = await runLoad({ name: 'tls', script: here.write('tls.js', script()) }, context);
  expect(load.outcome).toBe(outcome);
  await new Promise((resolve) => server.close(resolve));
});
