import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from '../sources.ts';

/** A copy of a project none of whose signals, states, tags or metrics has a name of the reference system's. */
export interface Strangers extends Disposable {
  readonly dir: string;
}

/** @param toxiproxy where its Toxiproxy is told. Without it the project names none. */
export function copyStrangers(at: { readonly url: string; readonly toxiproxy?: string }): Strangers {
  const dir = mkdtempSync(join(tmpdir(), 'siaga-strangers-'));
  cpSync(join(root, 'test/projects/strangers'), dir, { recursive: true });
  mkdirSync(join(dir, 'node_modules'));
  symlinkSync(root, join(dir, 'node_modules/siaga'));
  const config = join(dir, 'siaga.config.ts');
  const { url, toxiproxy } = at;
  const told = toxiproxy === undefined ? '' : `  toxiproxy: '${toxiproxy}',\n`;
  const text = readFileSync(config, 'utf8')
    .replace('http://127.0.0.1:9', url)
    .replace(/ *toxiproxy: .*\n/, told);
  writeFileSync(config, text);
  return { dir, [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }) };
}
