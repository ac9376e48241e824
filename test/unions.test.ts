import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { root } from './support/sources.ts';

/** A kind that is added to each union, and the files that must say what it means before they compile again. */
const additions = [
  {
    what: 'a result',
    file: 'src/export/envelope.ts',
    from: /export type Result =\s*\|?/,
    to: "export type Result = { readonly kind: 'new-kind'; readonly name: string } |",
    needed: ['src/export/problem.ts'],
  },
  {
    what: 'a channel',
    file: 'src/project/target.ts',
    from: /export type Channel =\s*\|?/,
    to: "export type Channel = (ChannelRules & { readonly kind: 'new-kind' }) |",
    needed: ['src/adapter/channel/kinds.ts', 'src/project/channels.ts'],
  },
  {
    what: 'a fault of a proxy',
    file: 'src/chaos/definition.ts',
    from: /export type ToxicFault =\s*\|?/,
    to: "export type ToxicFault = { readonly kind: 'new-kind' } |",
    needed: ['src/chaos/fault-kinds.ts'],
  },
  {
    what: 'a fault of a process',
    file: 'src/chaos/definition.ts',
    from: /export type ProcessFault =\s*\|?/,
    to: "export type ProcessFault = { readonly kind: 'new-process-kind' } |",
    needed: ['src/chaos/fault-kinds.ts', 'src/adapter/effect/process.ts'],
  },
  {
    what: 'a way in which toggles take effect',
    file: 'src/toggle/method.ts',
    from: /\| \{ readonly kind: 'none' \}/,
    to: "| { readonly kind: 'none' } | { readonly kind: 'new-kind' }",
    needed: ['src/adapter/toggle-method.ts'],
  },
  {
    what: 'a change of an incident',
    file: 'src/event/incident.ts',
    from: /export type IncidentChange =\s*\|?/,
    to: "export type IncidentChange = { readonly kind: 'new-kind' } |",
    needed: ['src/projection/episodes.ts', 'src/report/words-incident.ts'],
  },
  {
    what: 'a source of samples',
    file: 'src/event/specs.ts',
    from: /readonly source: 'probe'/,
    to: "readonly source: 'new-kind' | 'probe'",
    needed: ['src/sampling/plan.ts', 'src/sampling/measured.ts'],
  },
] as const;

const isTest = (path: string): boolean => /\.test(-d)?\.ts$|\/testing$/.test(path);

let folder: string;
let said: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'siaga-unions-'));
  cpSync(join(root, 'src'), join(folder, 'src'), { recursive: true, filter: (path) => !isTest(path) });
  cpSync(join(root, 'package.json'), join(folder, 'package.json'));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.json'), 'utf8')) as object;
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, include: ['src'] }));
  for (const { file, from, to } of additions) {
    const text = readFileSync(join(folder, file), 'utf8');
    if (!from.test(text)) throw new Error(`${file} holds no ${from.source}`);
    writeFileSync(join(folder, file), text.replace(from, to));
  }
  said = await new Promise<string>((done) => {
    const tsc = join(root, 'node_modules/typescript/bin/tsc');
    execFile(process.execPath, [tsc, '-p', '.'], { cwd: folder, maxBuffer: 1e8 }, (_, stdout) =>
      done(stdout),
    );
  });
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test.each(additions)('$what of a new kind does not compile before it is whole', ({ needed }) => {
  const broken = new Set([...said.matchAll(/^(src\/[\w/.-]+\.ts)\(/gm)].map(([, file]) => file));
  expect([...broken]).toEqual(expect.arrayContaining([...needed]));
});

test('nothing else keeps it from compiling', () => {
  // Modules that are not found, names that are not known, and what cannot be parsed.
  expect(said).toContain('error TS');
  expect(said).not.toMatch(/error TS(?:2307|2304|1[0-2]\d{2}):/);
});
