import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const checks = 10;
const rounds = 7;
const root = fileURLToPath(new URL('..', import.meta.url));

/** One round of ten checks as a whole process, against plain Node that sends the same requests: medians of seven. */
export async function benchCheck(): Promise<Readonly<Record<string, number>>> {
  const server = createServer((_, response) =>
    response.setHeader('content-type', 'application/json').end('{"ok":true}'),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const dir = project(url);
  try {
    const siaga: number[] = [];
    const plain: number[] = [];
    for (let round = 0; round < rounds; round++) {
      siaga.push(await wall([join(root, 'src/main.ts'), 'check', '--no-stay', '-C', dir]));
      plain.push(await wall([join(dir, 'plain.mjs'), url]));
    }
    return {
      'siaga check ms': median(siaga),
      'plain node ms': median(plain),
      'siaga ÷ plain': median(siaga) / median(plain),
    };
  } finally {
    server.close();
    rmSync(dir, { recursive: true, force: true });
  }
}

function project(url: string): string {
  const dir = mkdtempSync(join(tmpdir(), 'siaga-bench-'));
  mkdirSync(join(dir, 'checks'));
  writeFileSync(join(dir, 'runbook.ts'), `export { default } from '${join(root, 'runbook.ts')}';\n`);
  writeFileSync(
    join(dir, 'siaga.config.ts'),
    `import { defineConfig } from 'siaga';\nexport default defineConfig({ targets: [{ name: 'local', url: '${url}', proxies: {} }] });\n`,
  );
  const defined = Array.from({ length: checks }, (_, index) => checkText(index)).join('\n');
  writeFileSync(join(dir, 'checks', 'all.ts'), `import { defineCheck } from 'siaga';\n${defined}\n`);
  writeFileSync(join(dir, 'plain.mjs'), plainText);
  return dir;
}

// The first check feeds every signal of the runbook, so that the project is whole.
const feeds = `samples: { 'ws.roundtrip': () => 1, freshness: () => 1, 'screener.batch': () => 1, 'provider.health': () => true, 'provider.latency': () => 1 }, states: { fallback: () => false, 'provider-direct': () => true },`;

const checkText = (index: number): string =>
  `export const check${index} = defineCheck({ name: 'check-${index}', tags: ['core'], every: '1s', ${index === 0 ? feeds : ''}
  request: { path: '/${index}', timeout: '2s' }, response: { status: 200, contentType: 'application/json' } });`;

const plainText = `const url = process.argv[2];
const answers = await Promise.all(Array.from({ length: ${checks} }, async (_, index) => {
  const response = await fetch(url + '/' + index);
  return response.status === 200 && (await response.json()).ok;
}));
if (!answers.every(Boolean)) process.exit(1);
`;

function wall(args: readonly string[]): Promise<number> {
  const from = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: 'ignore',
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) =>
      code === 0 ? resolve(performance.now() - from) : reject(new Error(`exit ${code}`)),
    );
  });
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

if (import.meta.main) console.table(await benchCheck());
