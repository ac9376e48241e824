import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { ReadModule } from './read-module.ts';

const files = {
  'types.ts':
    "import { defineCheck } from 'siaga';\nexport const a: unknown = defineCheck({ name: 'a' as string } as never);",
  'syntax.ts': "import { defineCheck } from 'siaga';\n\nexport const a = defineCheck({ name: 'a',, });",
  'twice.ts': 'let x = 1; let x = 2;',
  'imports-syntax.ts': "import { x } from './twice.ts';\nexport const a = x;",
  'enum.ts': '\nenum A { b }',
  'throws.ts': '\n\nconst a = JSON.parse("null");\nexport const b = a.c;',
  'throws-text.ts': "throw 'no reason';",
  'fault.ts': "import { fault } from 'siaga';\nexport default fault.latency('an hour');",
  'missing-name.ts': "import { nothing } from 'siaga';\nexport const a = nothing;",
  'missing-package.ts': "import { z } from 'not-installed-anywhere';\nexport const a = z;",
  'missing-file.ts': "import { z } from './lib/gone.ts';\nexport const a = z;",
  'never.ts': 'await new Promise(() => undefined);\nexport const a = 1;',
  'missing-part.ts': "import { z } from 'siaga/checks';\nexport const a = z;",
};

const dir = mkdtempSync(join(tmpdir(), 'siaga-read-'));
mkdirSync(join(dir, 'checks'));
// The nearest package.json says CommonJS, as in many a stranger's project.
writeFileSync(join(dir, 'package.json'), '{ "type": "commonjs" }');
for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, 'checks', name), text);
afterAll(() => rmSync(dir, { recursive: true, force: true }));

// In a process of its own: hooks of the module loader, which a test runner replaces by its own.
const script = `
  import { readModules } from ${JSON.stringify(new URL('./read-module.ts', import.meta.url).href)};
  import { callOwn } from ${JSON.stringify(new URL('../adapter/own-code.ts', import.meta.url).href)};
  const within = (file, load) => callOwn({ part: file, timeoutMs: 5_000 }, load);
  const names = ${JSON.stringify(Object.keys(files))};
  const read = await readModules(${JSON.stringify(dir)}, names.map((name) => 'checks/' + name), within);
  console.log(JSON.stringify(read));
`;
const flags = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', script];
const read = JSON.parse(execFileSync(process.execPath, flags, { encoding: 'utf8' })) as readonly ReadModule[];
const failureOf = (name: string) => {
  const found = read.find(({ file }) => file === `checks/${name}`);
  return found !== undefined && 'failure' in found ? found.failure : undefined;
};

test("TypeScript is read as a module in a stranger's commonjs package, and 'siaga' is the running one", () => {
  expect(read.find(({ file }) => file === 'checks/types.ts')).toEqual({
    file: 'checks/types.ts',
    exports: { a: { name: 'a' } },
  });
});

test.each([
  ['syntax.ts', { file: 'checks/syntax.ts:3', message: expect.stringContaining('Unexpected token') }],
  ['twice.ts', { file: 'checks/twice.ts', message: expect.stringContaining('already been declared') }],
  ['imports-syntax.ts', { message: expect.stringContaining('already been declared') }],
  ['enum.ts', { file: 'checks/enum.ts:2', hint: expect.stringContaining('types are stripped') }],
  ['throws.ts', { file: 'checks/throws.ts:4', message: expect.stringContaining("reading 'c'") }],
  ['throws-text.ts', { file: 'checks/throws-text.ts', message: expect.stringContaining('no reason') }],
  ['fault.ts', { file: 'checks/fault.ts:2', got: expect.stringContaining('an hour') }],
  ['missing-name.ts', { file: 'checks/missing-name.ts:1', message: expect.stringContaining('nothing') }],
  [
    'missing-package.ts',
    {
      file: 'checks/missing-package.ts',
      hint: expect.stringContaining('npm install not-installed-anywhere'),
    },
  ],
  ['missing-file.ts', { file: 'checks/missing-file.ts', message: expect.stringContaining('gone.ts') }],
  [
    'missing-part.ts',
    { file: 'checks/missing-part.ts', got: 'siaga/checks', allowed: 'siaga, siaga/runbook' },
  ],
])('%s is told with its place', (name, expected) => {
  expect(failureOf(name)).toMatchObject({ level: 'error', ...expected });
});

test('a file that waits for what never comes is an error, and the files after it are read', () => {
  expect(failureOf('never.ts')).toMatchObject({
    file: 'checks/never.ts',
    message: 'this file cannot be loaded: no answer within 5 s',
  });
  expect(failureOf('missing-part.ts')?.message).not.toContain('no answer');
});
