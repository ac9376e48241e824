import type { Verdict } from './subject.ts';

/** What must have happened often enough in so many worlds for their agreement to mean anything. */
export const happenings = [
  'declared',
  'hard down',
  'joined',
  'mitigated',
  'reset',
  'recovered',
  'reopened',
  'flapping',
  'no data',
  'resumed',
  'overlapped',
  'load ended',
  'drill declared',
  'drill recovered',
  'beside a drill',
] as const;

export type Happening = (typeof happenings)[number];

/** Which of them happened in a world, at least once. */
export function happened({ said, blind, exits }: Verdict): ReadonlySet<Happening> {
  const found = new Set<Happening>();
  const add = (happening: Happening, when: boolean): void => void (when && found.add(happening));
  add('no data', blind.length > 0);
  add(
    'beside a drill',
    Object.entries(exits).some(([run, code]) => run.startsWith('check') && code === 3),
  );
  for (const { run, keeper, kind, facts, drill } of said) {
    if (drill) {
      add('drill declared', kind === 'declared');
      add('drill recovered', kind === 'recovered');
      continue;
    }
    const by = facts['by'] as { signal: string } | undefined;
    add('declared', kind === 'declared');
    add('hard down', by?.signal.startsWith('hard-down') ?? false);
    add('joined', kind === 'signal-joined');
    add('mitigated', kind === 'mitigated');
    add('reset', kind === 'hold-reset');
    add('recovered', kind === 'recovered');
    add('reopened', kind === 'reopened');
    add('flapping', kind === 'flapping');
    // A run that stands back had something to say.
    add('overlapped', keeper !== undefined && keeper !== run);
    add('load ended', kind === 'closed');
    add('resumed', kind === 'taken-over');
  }
  return found;
}
