import type { TypeCheck } from '../../load/ports.ts';
import { tsc } from '../tsc.ts';

/** Runs the project's own `tsc` over one script, by the nearest tsconfig.json. */
export async function typeCheck(script: string): Promise<TypeCheck> {
  if (!script.endsWith('.ts')) return { state: 'unchecked', reason: 'not TypeScript' };
  return tsc({ files: [script], needs: '@types/k6', bare: { types: ['k6'] } });
}
