import { spawn } from 'node:child_process';

/** Milliseconds on the wall and of all cores. */
export interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

// The process itself says at its end what it used: its parent is not told.
const tell = `data:text/javascript,${encodeURIComponent(`
  import { writeSync } from 'node:fs';
  process.on('exit', () => {
    const { user, system } = process.cpuUsage();
    writeSync(3, String((user + system) / 1000));
  });`)}`;

/** Runs Node with these arguments to its end. Rejects where it does not end with 0. */
export async function cost(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<Cost> {
  const { wall, told } = await run(['--import', tell, ...args], env);
  return { wall, cpu: Number(told) };
}

/** As `cost`, of a process that says nothing of itself: for starts that take no longer than saying it. */
export async function wallOf(args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<number> {
  return (await run(args, env)).wall;
}

function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<{ wall: number; told: string }> {
  const from = performance.now();
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  let told = '';
  child.stdio[3]?.on('data', (chunk: Buffer) => (told += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve({ wall: performance.now() - from, told });
      else reject(new Error(`exit ${code}: node ${args.join(' ')}`));
    });
  });
}

export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
