import type { Ending } from '../exercise/ending.ts';
import type { Session } from './session.ts';

export function conclude({ world, folder }: Session, ending: Ending): void {
  world.stderr(`${JSON.stringify(ending)} ${folder}\n`);
}
