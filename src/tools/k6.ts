import { joinEnv, lookAtGiven, pathSource } from './executable.ts';
import type { Probe, ProbeExecutable } from './executable.ts';
import { goBuildSource, goCacheSource } from './go-build.ts';
import type { GoTool } from './go-build.ts';
import { failureOf, run, succeeded } from './run.ts';
import { absent } from './types.ts';
import type { Source, Tool } from './types.ts';
import { describeRange, inRange, versions } from './versions.ts';

const { k6: range } = versions;
const go: GoTool = { tool: 'k6', module: range.module, version: range.pinned, binary: 'k6' };

const probe: ProbeExecutable = async (path, context): Promise<Probe> => {
  const env = joinEnv(context);
  const asked = await run(path, ['version'], { env, timeoutMs: 10_000 });
  // It calls itself what its file is called, and a second version beside the first has another name.
  const version = /^\S.*? v(\d+\.\d+\.\d+\S*)/m.exec(asked.stdout)?.[1];
  if (!succeeded(asked) || version === undefined) {
    return { ok: false, reason: `it does not answer "version" as k6 does (${failureOf(asked, 2)})` };
  }
  if (!inRange(version, range)) {
    return { ok: false, reason: `version ${version}, ${describeRange(range)} is needed` };
  }
  const doubt = await whyNotK6(path, env);
  return doubt === undefined
    ? { ok: true, found: { location: path, version } }
    : { ok: false, reason: doubt };
};

// Anything can print a version. Only something that runs JavaScript can read options out of a script.
async function whyNotK6(path: string, env: Record<string, string | undefined>): Promise<string | undefined> {
  const vus = 7;
  const script = `export const options = { vus: 3 + 4, iterations: ${vus} }; export default function () {}`;
  const quiet = { ...env, K6_NO_USAGE_REPORT: 'true', K6_AUTO_EXTENSION_RESOLUTION: 'false' };
  const result = await run(path, ['inspect', '-'], { env: quiet, timeoutMs: 20_000, stdin: script });
  return succeeded(result) && optionsOf(result.stdout)['vus'] === vus
    ? undefined
    : `it prints a k6 version but cannot inspect a script (${failureOf(result, 2)})`;
}

function optionsOf(stdout: string): Record<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(stdout);
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

const given: Source = {
  name: 'given',
  look: async (context) => {
    const value = context.env['SIAGA_K6'];
    return value ? lookAtGiven('SIAGA_K6', value, probe, context) : absent('SIAGA_K6 is not set');
  },
};

export const k6: Tool = {
  name: 'k6',
  sources: [given, pathSource(['k6'], probe), goCacheSource(go), goBuildSource(go)],
  hint: 'install k6 or Go, or set SIAGA_K6 to the path of a k6',
};
