import { removeContainers } from './engine.ts';
import { keeperLabel } from './keeper.ts';

// Waits for the end of its standard input, which is the end of its keeper, and removes what that one left. A container
// that was being created at that moment appears a little later.
const passesAfterMs = [0, 500, 2_000];
const labels = { [keeperLabel]: process.argv[2] ?? '' };

for (const signal of ['SIGINT', 'SIGHUP', 'SIGTERM'] as const) process.on(signal, () => undefined);
process.stdin.resume();
process.stdin.once('end', () => void removeAll());

async function removeAll(): Promise<void> {
  for (const ms of passesAfterMs) {
    await new Promise((done) => setTimeout(done, ms));
    // An engine that does not answer any more runs nothing that could be removed.
    await removeContainers(process.env['DOCKER_HOST'] ?? '', labels).catch(() => undefined);
  }
}
