import { messageOf } from '../kernel/errors.ts';
import { givenUnusable, joinEnv, lookAtGiven, pathSource } from './executable.ts';
import type { Probe, ProbeExecutable } from './executable.ts';
import { goBuildSource, goCacheSource } from './go-build.ts';
import type { GoTool } from './go-build.ts';
import { ask } from './http.ts';
import { failureOf, run, succeeded } from './run.ts';
import { absent } from './types.ts';
import type { Look, ProvisionContext, Source, Tool } from './types.ts';
import { describeRange, inRange, versions } from './versions.ts';

const { toxiproxy: range } = versions;
const go: GoTool = {
  tool: 'toxiproxy',
  module: range.module,
  version: range.pinned,
  binary: 'server',
  flags: [`-ldflags=-X ${range.versionVariable}=${range.pinned}`],
};

const probe: ProbeExecutable = async (path, context): Promise<Probe> => {
  const asked = await run(path, ['-version'], { env: joinEnv(context), timeoutMs: 10_000 });
  const version = /^toxiproxy-server version (\S+)/m.exec(asked.stdout)?.[1];
  if (!succeeded(asked) || version === undefined) {
    return {
      ok: false,
      reason: `it does not answer "-version" as toxiproxy-server does (${failureOf(asked, 2)})`,
    };
  }
  return judge(version, path);
};

// A server built without a version number says "git"; nothing speaks against it.
function judge(version: string, location: string): Probe {
  const known = /^\d+\.\d+/.test(version);
  return known && !inRange(version, range)
    ? { ok: false, reason: `version ${version}, ${describeRange(range)} is needed` }
    : { ok: true, found: { location, version } };
}

const given: Source = {
  name: 'given',
  look: async (context) => {
    const value = context.env['SIAGA_TOXIPROXY'];
    if (!value) return absent('SIAGA_TOXIPROXY is not set');
    return /^https?:\/\//.test(value) ? lookAtServer(value) : lookAtBinary(value, context);
  },
};

function lookAtBinary(value: string, context: ProvisionContext): Promise<Look> {
  return lookAtGiven('SIAGA_TOXIPROXY', value, probe, context);
}

async function lookAtServer(value: string): Promise<Look> {
  const url = value.replace(/\/+$/, '');
  const result = await askServer(url);
  if (result.ok) return { kind: 'found', found: result.found };
  throw givenUnusable('SIAGA_TOXIPROXY', url, result.reason);
}

async function askServer(url: string): Promise<Probe> {
  try {
    const { status, body } = await ask(`${url}/version`, { timeoutMs: 3_000 });
    if (status !== 200) return { ok: false, reason: `GET /version answered ${status}` };
    // Later servers answer JSON, earlier ones the bare version.
    const version = /^\s*(?:\{\s*"version"\s*:\s*"([^"]+)"|([\w.-]+)\s*$)/.exec(body);
    const name = version?.[1] ?? version?.[2];
    return name ? judge(name, url) : { ok: false, reason: 'GET /version is not answered as Toxiproxy does' };
  } catch (error) {
    return { ok: false, reason: `it does not answer: ${messageOf(error)}` };
  }
}

export const toxiproxy: Tool = {
  name: 'toxiproxy',
  sources: [given, pathSource(['toxiproxy-server'], probe), goCacheSource(go), goBuildSource(go)],
  hint: 'install toxiproxy-server or Go, or set SIAGA_TOXIPROXY to its path or to the URL of a running one',
};
