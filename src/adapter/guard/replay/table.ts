import type { Replayers } from '../../../guard/policy.ts';

const toxiproxy = async () => (await import('./toxiproxy.ts')).toxiproxyReplayer;

/** How each kind of recipe is replayed. */
export const replayers: Replayers = {
  toxiproxy,
  'toxiproxy-lease': toxiproxy,
  toggles: async () => (await import('./toggles.ts')).togglesReplayer,
  process: async () => (await import('./process.ts')).processReplayer,
  command: async () => (await import('./command.ts')).commandReplayer,
  module: async () => (await import('./module.ts')).moduleReplayer,
};
