import { spawn } from 'node:child_process';

/**
 * Runs a shell script once this process has died, however it died, unless disposed before. What tests start in process
 * groups of their own would otherwise outlive a runner that was killed.
 */
export function leash(script: string, env: Readonly<Record<string, string>>): Disposable {
  // The pipe closes with this process: whoever reads from it then reads its end, and no line.
  const watcher = spawn('sh', ['-c', `read -r _ || { ${script}; }`], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  });
  watcher.unref();
  watcher.stdin.on('error', () => undefined);
  return { [Symbol.dispose]: () => void watcher.stdin.end('\n') };
}
