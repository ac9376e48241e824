import { cpSync, mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { root } from '../sources.ts';

/** A copy of this checkout in a folder of its own: a project to run commands in, and a reference system to patch. */
export interface Checkout extends Disposable {
  readonly dir: string;
  /** Writes a file, making its folder. */
  write(path: string, text: string): void;
  remove(path: string): void;
  /**
   * Replaces a text of a file until disposed.
   * @throws where the file does not hold it exactly once: the patch would be none.
   */
  patch(path: string, from: string, to: string): Disposable;
}

const copied = [
  'src',
  'checks',
  'chaos',
  'scenarios',
  'runbook.ts',
  'siaga.config.ts',
  'package.json',
  'tsconfig.json',
];

// What Node compiles it keeps by path: in a folder that had another name each time, every command would start anew.
function makeFolder(): string {
  for (let n = 1; ; n++) {
    const dir = join(realpathSync(tmpdir()), `siaga-checkout-${String(n).padStart(3, '0')}`);
    try {
      mkdirSync(dir, { mode: 0o700 });
      return dir;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
  }
}

export function copyCheckout({ reference = false }: { readonly reference?: boolean } = {}): Checkout {
  const dir = makeFolder();
  for (const path of reference
    ? [...copied, 'reference', 'launcher', 'scripts', 'package-lock.json']
    : copied) {
    cpSync(join(root, path), join(dir, path), { recursive: true });
  }
  symlinkSync(join(root, 'node_modules'), join(dir, 'node_modules'));
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  };
  return {
    dir,
    write,
    remove: (path) => rmSync(join(dir, path), { recursive: true }),
    patch(path, from, to) {
      const before = readFileSync(join(dir, path), 'utf8');
      const found = before.split(from).length - 1;
      if (found !== 1) throw new Error(`${path} holds the text to patch ${found} times: ${from}`);
      write(
        path,
        before.replace(from, () => to),
      );
      return { [Symbol.dispose]: () => write(path, before) };
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
