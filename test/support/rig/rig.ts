import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { referenceDown, referenceRestart, referenceStatus } from '../../../launcher/system/reference.ts';
import type { ReferenceOptions } from '../../../src/run/launcher.ts';
import type { PartName } from '../../../launcher/system/state.ts';
import type { SystemStatus } from '../../../launcher/system/status.ts';
import { leash } from '../leash.ts';
import { copyCheckout } from './checkout.ts';
import type { Checkout } from './checkout.ts';
import { startInterceptor } from './interceptor.ts';
import type { Interceptor } from './interceptor.ts';
import { envelopeOf, startSiaga } from './siaga.ts';
import type { Launch, RunningSiaga } from './siaga.ts';

/** A reference system of its own, run from a copy that can be patched, and an interceptor in front of its API. */
export interface Rig extends AsyncDisposable {
  readonly checkout: Checkout;
  readonly interceptor: Interceptor;
  status(): Promise<SystemStatus>;
  /** `siaga <args> --json` in the rig's project. */
  start(args: readonly string[], launch?: Partial<Launch> & RigLaunch): RunningSiaga;
  /** As `start`, to the end: the one envelope. */
  run(
    args: readonly string[],
    launch?: Partial<Launch> & RigLaunch,
  ): Promise<ReturnType<typeof envelopeOf> & { readonly stderr: string }>;
  restart(part: PartName): Promise<void>;
  /** Forgets every run so far: the next one finds no incident of an earlier one. */
  forget(): void;
  /** Patches a file of the reference system and restarts its API, and the other way round when disposed. */
  patched(path: string, from: string, to: string): Promise<AsyncDisposable>;
  /** Asks Toxiproxy directly, as a person with curl would. */
  toxiproxy(method: string, path: string, body?: unknown): Promise<number>;
  /** Nothing of Siaga's is in Toxiproxy, every proxy is enabled, and no process of a command is left. */
  expectClean(): Promise<void>;
}

export interface RigLaunch {
  /** Past the interceptor. */
  readonly direct?: boolean;
}

export interface RigOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** A recovery holds for two of the runbook's minutes instead of ten, and toggles go back after one instead of five. */
  readonly recoversSoon?: boolean;
}

export async function setUpRig({ env = {}, recoversSoon = false }: RigOptions = {}): Promise<Rig> {
  const checkout = copyCheckout({ reference: true });
  if (recoversSoon) {
    checkout.patch(
      'runbook.ts',
      "for: '10m',\n    restoreAfter: '5m',",
      "for: '2m',\n    restoreAfter: '1m',",
    );
  }
  const { dir } = checkout;
  const options: ReferenceOptions = { projectDir: dir, env: process.env, progress: () => undefined };
  const up = ['reference', 'up', '--speed', '30', '-C', dir];
  const leashed = leash(downAndAway, { DIR: dir, NODE: process.execPath });
  const { code, stderr } = await startSiaga(up, { dir, env, from: dir }).ended;
  if (code !== 0) throw new Error(`reference up: exit ${code}\n${stderr}`);
  const status = () => referenceStatus(dir);
  const interceptor = await startInterceptor({ upstream: (await status()).api ?? '' });
  const restart = async (part: PartName) => void (await referenceRestart(options, part));
  const start: Rig['start'] = (args, { direct = false, ...launch } = {}) =>
    startSiaga([...args, '-C', dir, '--json'], {
      dir,
      from: dir,
      ...launch,
      env: { ...(!direct && { SIAGA_TARGET_URL: interceptor.url }), ...launch.env },
    });
  return {
    checkout,
    interceptor,
    status,
    start,
    restart,
    forget: () => {
      for (const end of ['', '-wal', '-shm']) rmSync(join(dir, '.siaga', `siaga.db${end}`), { force: true });
    },
    async run(args, launch) {
      const ended = await start(args, launch).ended;
      return { ...envelopeOf(ended), stderr: ended.stderr };
    },
    async patched(path, from, to) {
      const patch = checkout.patch(path, from, to);
      await restart('api');
      return {
        async [Symbol.asyncDispose]() {
          patch[Symbol.dispose]();
          await restart('api');
        },
      };
    },
    async toxiproxy(method, path, body) {
      const { toxiproxy } = await status();
      const sent = body === undefined ? {} : { body: JSON.stringify(body) };
      return (await fetch(`${toxiproxy}${path}`, { method, ...sent })).status;
    },
    expectClean: async () => expectClean(await status(), dir),
    async [Symbol.asyncDispose]() {
      await interceptor[Symbol.asyncDispose]();
      await referenceDown(options);
      leashed[Symbol.dispose]();
      checkout[Symbol.dispose]();
    },
  };
}

const downAndAway = `cd "$DIR" && "$NODE" src/main.ts reference down -C "$DIR"; cd / && rm -rf "$DIR"`;

async function expectClean({ toxiproxy, pids }: SystemStatus, dir: string): Promise<void> {
  const parts = Object.values(pids).filter((pid) => pid !== null);
  expect(await oursIn(toxiproxy ?? '')).toEqual([]);
  expect(processesNaming(dir).filter(({ pid }) => !parts.includes(pid))).toEqual([]);
}

interface WireProxy {
  readonly name: string;
  readonly enabled: boolean;
  readonly toxics: readonly { readonly name: string }[];
}

/** Everything of Siaga's in a Toxiproxy, and every proxy that is disabled. */
export async function oursIn(toxiproxy: string): Promise<readonly string[]> {
  const response = await fetch(`${toxiproxy}/proxies`, { signal: AbortSignal.timeout(30_000) });
  const proxies = Object.values((await response.json()) as Record<string, WireProxy>);
  return proxies.flatMap(({ name, enabled, toxics }) => [
    ...(name.startsWith('siaga.') ? [`proxy ${name}`] : []),
    ...(enabled ? [] : [`${name} is disabled`]),
    ...toxics
      .filter((toxic) => toxic.name.startsWith('siaga.'))
      .map((toxic) => `toxic ${toxic.name} on ${name}`),
  ]);
}

/** Kills a run of a rig with its whole process group and its guard: nobody is left to undo anything. */
export async function killWithGuard(run: RunningSiaga, { checkout: { dir } }: Rig): Promise<void> {
  const named = (word: string) => processesNaming(dir).filter(({ command }) => command.includes(word));
  const guards = named('guard.ts');
  expect(guards).toHaveLength(1);
  for (const { pid } of guards) process.kill(pid, 'SIGKILL');
  run.killGroup('SIGKILL');
  await run.ended;
  for (const { pid } of named('.k6.json')) process.kill(pid, 'SIGKILL');
}

/** Processes that have this folder on their command line: k6, guards, commands. */
export function processesNaming(dir: string): readonly { readonly pid: number; readonly command: string }[] {
  const listing = execFileSync('ps', ['-ww', '-eo', 'pid=,stat=,args='], { encoding: 'utf8' });
  return listing.split('\n').flatMap((line) => {
    const [, pid, stat = '', command = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    return command.includes(dir) && !stat.startsWith('Z') ? [{ pid: Number(pid), command }] : [];
  });
}
