import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Environment, ProvisionContext } from '../../src/tools/types.ts';

/** A folder of its own for one test, with a `bin` folder that is the whole PATH apart from the shell. */
export class Sandbox implements Disposable {
  readonly folder = mkdtempSync(join(tmpdir(), 'siaga-provision-'));
  readonly bin = join(this.folder, 'bin');
  readonly cacheDir = join(this.folder, 'cache');
  readonly progress: string[] = [];

  constructor() {
    mkdirSync(this.bin);
  }

  context(env: Environment = {}, over: Partial<ProvisionContext> = {}): ProvisionContext {
    return {
      env: { PATH: this.bin, ...env },
      cwd: this.folder,
      cacheDir: this.cacheDir,
      root: this.folder,
      platform: 'linux',
      arch: 'x64',
      progress: (line) => this.progress.push(line),
      ...over,
    };
  }

  /** Writes an executable shell script and returns its path. */
  script(path: string, body: string, mode = 0o755): string {
    const file = join(this.folder, path);
    mkdirSync(join(file, '..'), { recursive: true });
    writeFileSync(file, `#!/bin/sh\nPATH=$PATH:/bin:/usr/bin\n${body}\n`);
    chmodSync(file, mode);
    return file;
  }

  [Symbol.dispose](): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** A script that answers as k6 does to the two questions that provisioning asks. */
export function k6Script(version: string): string {
  return `case "$1" in
  version) echo "$(basename "$0") v${version} (commit/abc, go1.26, linux/amd64)";;
  inspect) sed 's/3 + 4/7/' >/dev/null; echo '{"vus":7,"iterations":7}';;
  esac`;
}
