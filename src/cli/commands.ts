import { registerOutline } from './outline.ts';
import type { Register } from './program.ts';
import type { CommandName } from './summaries.ts';

/** Each command's module, loaded when it is meant: a round of checks need not read what breaks things. */
const commands: Readonly<Record<CommandName, () => Promise<Register>>> = {
  check: async () => (await import('./check.ts')).registerCheck,
  load: async () => (await import('./load.ts')).registerLoad,
  chaos: async () => (await import('./chaos.ts')).registerChaos,
  gate: async () => (await import('./gate.ts')).registerGate,
  gameday: async () => (await import('./gameday.ts')).registerGameday,
  report: async () => (await import('./report.ts')).registerReport,
  reference: async () => (await import('./reference.ts')).registerReference,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  validate: async () => (await import('./validate.ts')).registerValidate,
};

/** The commands that the arguments name, one of which is meant, and the outline of the others. */
export async function registersFor(argv: readonly string[]): Promise<readonly Register[]> {
  const named = Object.entries(commands).filter(([name]) => argv.includes(name));
  return [...(await Promise.all(named.map(([, load]) => load()))), registerOutline];
}
