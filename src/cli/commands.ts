import type { Register } from './program.ts';

/** Each command's module, loaded when it is meant: a round of checks need not read what breaks things. */
const commands: Readonly<Record<string, () => Promise<Register>>> = {
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

/** The one command that the arguments begin with; all of them for help, and where none is meant. */
export async function registersFor([first = '']: readonly string[]): Promise<readonly Register[]> {
  const meant = Object.hasOwn(commands, first) ? [commands[first]] : Object.values(commands);
  return Promise.all(meant.flatMap((load) => (load === undefined ? [] : [load()])));
}
