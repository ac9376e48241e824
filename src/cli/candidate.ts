import { withoutQuery } from '../check/text.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { toldCommand } from './command-line.ts';
import type { World } from './world.ts';

/** How long a candidate may take to answer. */
const waitMs = 120_000;

export interface Candidate {
  stop(): Promise<void>;
}

/**
 * Starts the candidate of a gate and waits until its URL answers 2xx.
 * @throws {SiagaError} `candidate-not-up` (exit 3)
 */
export async function startCandidate(
  command: string,
  url: string | undefined,
  cwd: string,
  onSpawn: (pid: number) => void,
  world: World,
): Promise<Candidate> {
  world.stderr(`gate: starting ${toldCommand(command)}\n`);
  const running = world.startCommand({ command, cwd, env: world.env, onSpawn });
  try {
    if (url !== undefined) await untilUp(url, running.ended, world);
  } catch (error) {
    await running.stop();
    throw error;
  }
  return running;
}

async function untilUp(url: string, ended: Promise<string>, world: World): Promise<void> {
  const deadline = world.clock.monotonic() + waitMs;
  const end: { how?: string } = {};
  void ended.then((how) => (end.how = how));
  let last = 'nothing yet';
  while (world.clock.monotonic() < deadline && end.how === undefined) {
    const exchange = await world.http.ask(
      { method: 'GET', url, headers: {}, timeoutMs: 2_000, maxBytes: 65_536 },
      world.interrupted,
    );
    if (exchange.kind === 'answered' && exchange.status >= 200 && exchange.status < 300) return;
    last =
      exchange.kind === 'answered'
        ? `status ${exchange.status}`
        : exchange.kind === 'broken'
          ? exchange.code
          : exchange.kind;
    await world.clock.sleep(250, world.interrupted);
  }
  throw new SiagaError('candidate-not-up', {
    what: end.how === undefined ? 'the candidate did not come up' : 'the candidate ended before it was up',
    where: withoutQuery(url),
    got: end.how ?? last,
    allowed: `a 2xx answer within ${waitMs / 1_000} s`,
    hint: 'the output of the candidate stands above',
    exitCode: exit.inconclusive,
  });
}
