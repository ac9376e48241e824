import type { Platform } from './platform.ts';

/** `20260913-034205-chaos-run-k3f9`: when, what, and what tells two of one second apart. */
export function runId({ clock, random }: Pick<Platform, 'clock' | 'random'>, command: string): string {
  const stamp = new Date(clock.now()).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${stamp}-${command.replaceAll(' ', '-')}-${random.id(4)}`;
}
