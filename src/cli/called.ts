import { dirname, join, relative } from 'node:path';
import { shellWord } from '../kernel/printed.ts';

/**
 * How a person here calls this program, for every command that is printed: installed, `npx siaga`; in the root of a
 * checkout, `npm run -s siaga --`; a checkout from elsewhere, its launcher.
 * @param entry the file that was started: `main.ts` of the sources, or `main.js` of a build
 */
export function calledAs(entry: string, cwd: string): string {
  if (/[\\/]node_modules[\\/]/.test(entry)) return 'npx siaga';
  const root = dirname(dirname(entry));
  return relative(root, cwd) === ''
    ? 'npm run -s siaga --'
    : `node ${shellWord(join(root, 'bin', 'siaga.js'))}`;
}
