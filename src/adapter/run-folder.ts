import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { SiagaError, messageOf } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
export function writeRunFolder(folder: string, files: ReadonlyMap<string, string>): void {
  try {
    for (const [name, text] of files) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(`${path}.tmp`, text);
      renameSync(`${path}.tmp`, path);
    }
  } catch (error) {
    throw new SiagaError('reports-unwritable', {
      what: 'x',
      got: messageOf(error),
      exitCode: exit.inconclusive,
    });
  }
}
