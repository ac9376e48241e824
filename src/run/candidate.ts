import type { HttpExchange } from '../check/ports.ts';
import type { Ending } from '../exercise/ending.ts';
import type { GatePart } from '../exercise/gate.ts';
import { SiagaError } from '../kernel/errors.ts';
import { exit } from '../kernel/exit.ts';
import { shownCommand } from './command-line.ts';
import type { Platform } from './platform.ts';

/** How long a candidate may take to answer. */
const waitMs = 120_000;

export interface CandidateFlags {
  readonly up?: string;
  readonly wait?: string;
}

/** Where a candidate is started, and what owns its process. */
export interface Place {
  readonly cwd: string;
  readonly targetUrl: string;
  /** Value of `SIAGA_OWNER`, by which the guard of a run that died finds all that the command line started. */
  readonly owner: string;
  onSpawn(pid: number): void;
}

/** What a gate starts, watches until its end, and stops. */
export interface Candidate {
  /** Starts it and waits until it answers 2xx, where a URL to wait for was given. */
  readonly part: GatePart;
  /** How it ended by itself, once it has. */
  end(): string | undefined;
  stop(): Promise<void>;
}

/**
 * Refuses a candidate that could not be told from what runs already.
 * @param targetUrl of the target; `undefined` where the run itself starts it
 * @throws {SiagaError} `wait-without-up`, `wait-no-url`, `candidate-already-answers` (exit 2)
 */
export async function requireFree(
  { up, wait }: CandidateFlags,
  targetUrl: string | undefined,
  platform: Platform,
): Promise<void> {
  if (wait !== undefined && up === undefined) throw waitWithoutUp(wait);
  if (wait !== undefined && !/^https?:\/\//.test(URL.parse(wait)?.href ?? '')) throw noUrl(wait);
  const url = up === undefined ? undefined : (wait ?? targetUrl);
  if (url === undefined) return;
  const exchange = await ask(url, platform);
  if (exchange.kind === 'answered') throw alreadyAnswers(url, exchange.status, wait !== undefined);
}

export function candidateOf(
  up: string,
  wait: string | undefined,
  place: Place,
  platform: Platform,
): Candidate {
  const called = `the candidate (${shownCommand(up)})`;
  let running: ReturnType<Platform['startCommand']> | undefined;
  let ended: string | undefined;
  const begin = (): void => {
    platform.stderr(`gate: starting ${shownCommand(up)}\n`);
    const env = { ...platform.env, SIAGA_OWNER: place.owner };
    running = platform.startCommand({ command: up, cwd: place.cwd, env, onSpawn: place.onSpawn });
    void running.ended.then((how) => (ended = `${called} ended by itself: ${how}`));
  };
  return {
    part: {
      name: 'candidate',
      once: true,
      async run() {
        const elsewhere = wait === undefined ? '' : elsewhereWords(wait, place.targetUrl);
        if (elsewhere !== '') platform.stderr(`gate: ${elsewhere}\n`);
        begin();
        const last = wait === undefined ? undefined : await untilUp(wait, () => ended, platform);
        if (ended !== undefined) return { exitCode: exit.failed, reason: ended };
        if (last === undefined) return { exitCode: exit.passed, reason: elsewhere };
        return notUp(called, wait ?? '', last);
      },
    },
    end: () => ended,
    stop: () => running?.stop() ?? Promise.resolve(),
  };
}

/** What was last seen instead of an answer; `undefined` where it is up, or has ended. */
async function untilUp(
  url: string,
  ended: () => string | undefined,
  platform: Platform,
): Promise<string | undefined> {
  const deadline = platform.clock.monotonic() + waitMs;
  let last = 'nothing';
  while (platform.clock.monotonic() < deadline && ended() === undefined) {
    const exchange = await ask(url, platform);
    if (exchange.kind === 'answered' && exchange.status >= 200 && exchange.status < 300) return undefined;
    last = seen(exchange);
    await platform.clock.sleep(250, platform.interrupted);
  }
  return last;
}

function ask(url: string, platform: Platform): Promise<HttpExchange> {
  return platform.http.ask(
    { method: 'GET', url, headers: {}, timeoutMs: 2_000, maxBytes: 65_536 },
    platform.interrupted,
  );
}

function seen(exchange: HttpExchange): string {
  if (exchange.kind === 'answered') return `status ${exchange.status}`;
  return exchange.kind === 'broken' ? exchange.code : exchange.kind;
}

function notUp(called: string, wait: string, last: string): Ending {
  const reason = `${called} did not answer 2xx at ${bare(wait)} within ${waitMs / 1_000} s, last seen: ${last}`;
  return { exitCode: exit.inconclusive, reason };
}

/** A gate that waits for one address and measures another may measure something else. */
function elsewhereWords(wait: string, targetUrl: string): string {
  const [waited, measured] = [placeOf(wait), placeOf(targetUrl)];
  return waited === measured
    ? ''
    : `--wait asks ${waited}, the target is ${measured}: what is measured may not be the candidate`;
}

function placeOf(url: string): string {
  const { protocol, hostname, port } = new URL(url);
  const host = /^(localhost|127\.0\.0\.1|\[::1\])$/.test(hostname) ? 'localhost' : hostname;
  return `${host}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

const bare = (url: string): string => `${new URL(url).origin}${new URL(url).pathname}`;

function waitWithoutUp(wait: string): SiagaError {
  return new SiagaError('wait-without-up', {
    what: '--wait is for a candidate that the gate starts',
    got: `--wait ${bare(wait)} without --up`,
    allowed: '--up COMMAND --wait URL, or neither',
    exitCode: exit.usage,
  });
}

function noUrl(wait: string): SiagaError {
  return new SiagaError('wait-no-url', {
    what: '--wait is no URL',
    got: wait.slice(0, 200),
    allowed: 'an http or https URL, such as http://127.0.0.1:3000/ready',
    exitCode: exit.usage,
  });
}

function alreadyAnswers(url: string, status: number, waited: boolean): SiagaError {
  return new SiagaError('candidate-already-answers', {
    what: 'something answers already where the candidate is to come up: the gate would measure that instead',
    where: bare(url),
    got: `status ${status} before --up was started`,
    allowed: 'no answer',
    hint: waited
      ? 'stop what runs there, or give the candidate another port'
      : 'stop what runs there; where it is a proxy in front of the candidate, name the candidate’s own address with --wait',
    exitCode: exit.usage,
  });
}
