import { fileURLToPath } from 'node:url';

/** The labels by which a container is found again, whoever started it and however that ended. */
export const systemLabel = 'siaga.system';
export const partLabel = 'siaga.part';
/** One life of a part: what an earlier keeper left must not be taken for its successor's. */
export const keeperLabel = 'siaga.keeper';

/** One container, as its keeper is told in `SIAGA_CONTAINER`. */
export interface ContainerOrder {
  readonly image: string;
  /** Its name in the system. */
  readonly part: string;
  readonly system: string;
  readonly command: readonly string[];
  /** Variables that the keeper hands on from its own environment, so that secrets stay out of the order. */
  readonly variables: readonly string[];
  /** A port of this machine's loopback for one of the container's; without it, the engine's own network. */
  readonly publish?: { readonly port: number; readonly container: number };
}

export const orderVariable = 'SIAGA_CONTAINER';

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
}

/** The process whose life is the life of a container. */
export function keeperCommand(args: readonly string[] = []): Program {
  return program('keeper-main', args);
}

/** The process that removes a keeper's container once the keeper is gone, also by SIGKILL. */
export function reaperCommand(keeper: string): Program {
  return program('reaper-main', [keeper]);
}

function program(name: string, args: readonly string[]): Program {
  const entry = fileURLToPath(new URL(`${name}.ts`, import.meta.url));
  return { command: process.execPath, args: ['--disable-warning=ExperimentalWarning', entry, ...args] };
}
