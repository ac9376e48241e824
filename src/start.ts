// What bin/siaga.js imports first: it decides how much has to be read at all.
import { join } from 'node:path';
import { keepCompiled } from './adapter/compile-cache.ts';
import { openOutput } from './adapter/output.ts';
import { readVersion } from './adapter/version.ts';
import { asksForOutline, tellOutline } from './cli/commands.ts';
import { cacheFolder } from './tools/context.ts';

const argv = process.argv.slice(2);
if (asksForOutline(argv)) {
  const { stdout, stderr, exitCode } = openOutput(process.stdout, process.stderr);
  const code = tellOutline(argv, { version: readVersion(), stdout, stderr });
  process.on('exit', () => (process.exitCode = exitCode(code)));
} else {
  keepCompiled(() => join(cacheFolder(process.env, process.cwd(), process.platform), 'compiled'));
  await import('./main.ts');
}
