import { cpSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../chaos/toxiproxy.ts';
import { root } from '../sources.ts';
import { processesNaming } from './rig.ts';
import { startSiaga } from './siaga.ts';
import type { Ended } from './siaga.ts';

/** How a candidate for a deploy behaves. */
export type Behaviour = 'well' | 'wrong' | 'throttling' | 'throttling-once' | 'ends' | 'ends-later';

/** A small project of its own, and a candidate that only `--up` starts. */
export interface CandidateProject extends Disposable {
  readonly dir: string;
  readonly url: string;
  /** `siaga gate --up … --wait …` with these arguments too. */
  gate(behaviour: Behaviour, args: readonly string[], env?: Readonly<Record<string, string>>): Promise<Ended>;
  /** No process is left that has this folder on its command line: candidate, shell, guard or k6. */
  expectStopped(): Promise<void>;
}

// `throttling` answers 429 to the checks alone, so that the load still tells something.
const server = `
import { createServer } from 'node:http';
const [behaviour, port] = process.argv.slice(2);
let asked = 0;
let loaded = 0;
createServer(({ url, headers }, response) => {
  const probe = url === '/hello' && headers['x-load'] === undefined;
  if (probe) asked += 1;
  if (headers['x-load'] !== undefined && (loaded += 1) === 20 && behaviour === 'ends-later') process.exit(4);
  const throttled = probe && (behaviour === 'throttling' || (behaviour === 'throttling-once' && asked === 1));
  response.writeHead(throttled ? 429 : 200, { 'content-type': 'application/json' });
  response.end(behaviour === 'wrong' ? '{"hello":"world"}' : '{"fallback":false}');
}).listen(Number(port), '127.0.0.1');
if (behaviour === 'ends') process.exit(3);
`;

const scenario = `
import http from 'k6/http';

export const options = {
  scenarios: { smoke: { executor: 'constant-arrival-rate', rate: 15, duration: '3s', preAllocatedVUs: 5 } },
};

export default function (): void {
  http.get(\`\${__ENV['SIAGA_TARGET_URL']}/hello\`, { headers: { 'x-load': '1' } });
}
`;

export async function candidateProject(): Promise<CandidateProject> {
  const dir = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-candidate-'));
  cpSync(join(root, 'test/projects/minimal'), dir, { recursive: true });
  rmSync(join(dir, 'chaos'), { recursive: true });
  writeFileSync(join(dir, 'scenarios', 'smoke.ts'), scenario);
  const file = join(dir, 'candidate.mjs');
  writeFileSync(file, server);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  return {
    dir,
    url,
    gate: (behaviour, args, env = {}) => {
      const up = `'${process.execPath}' '${file}' ${behaviour} ${port}`;
      return startSiaga(['gate', '--up', up, '--wait', `${url}/ready`, ...args], {
        dir,
        env: { SIAGA_TARGET_URL: url, ...env },
      }).ended;
    },
    async expectStopped() {
      expect(processesNaming(dir)).toEqual([]);
      await expect(fetch(url)).rejects.toThrow('fetch failed');
    },
    [Symbol.dispose]: () => rmSync(dir, { recursive: true, force: true }),
  };
}
