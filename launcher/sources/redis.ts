import { containerSource } from '../containers/source.ts';
import { givenUnusable, joinEnv, pathSource } from '../../src/tools/executable.ts';
import type { Probe, ProbeExecutable } from '../../src/tools/executable.ts';
import { readGivenUrl } from './given-url.ts';
import { aptCacheSource, aptSource } from './redis-apt.ts';
import { failureOf, run, succeeded } from '../../src/tools/run.ts';
import { absent } from '../../src/tools/types.ts';
import type { Look, Source, Tool } from '../../src/tools/types.ts';
import { describeRange, inRange } from '../../src/tools/versions.ts';
import { versions } from './versions.ts';
import { askRedis } from './wire.ts';

const { redis: range } = versions;

const probe: ProbeExecutable = async (path, context): Promise<Probe> => {
  const asked = await run(path, ['--version'], { env: joinEnv(context), timeoutMs: 10_000 });
  const version = /^(?:Redis|Valkey) server v=(\d+\.\d+\.\d+)/m.exec(asked.stdout)?.[1];
  if (!succeeded(asked) || version === undefined) {
    return {
      ok: false,
      reason: `it does not answer "--version" as redis-server does (${failureOf(asked, 2)})`,
    };
  }
  return inRange(version, range)
    ? { ok: true, found: { location: path, version } }
    : { ok: false, reason: `version ${version}, ${describeRange(range)} is needed` };
};

const given: Source = {
  name: 'given',
  look: async (context) => {
    const value = context.env['SIAGA_REDIS_URL'];
    return value ? lookAtServer(value) : absent('SIAGA_REDIS_URL is not set');
  },
};

async function lookAtServer(value: string): Promise<Look> {
  const variable = 'SIAGA_REDIS_URL';
  const { url, address } = readGivenUrl(variable, value, ['redis:'], 6_379);
  const answer = await askRedis(address, [...login(url), 'INFO server'], 5_000, (text) =>
    /redis_version:\S+\r?\n|^-|\n-/.test(text),
  );
  const where = `${address.host}:${address.port}`;
  if (!answer.ok) throw givenUnusable(variable, where, answer.reason);
  const version = /redis_version:(\S+)/.exec(answer.text)?.[1];
  if (version !== undefined) return { kind: 'found', found: { location: value, version } };
  throw givenUnusable(variable, where, `it answers ${JSON.stringify(answer.text.slice(0, 80))}`);
}

function login({ username, password }: URL): string[] {
  if (password === '') return [];
  const words = [...(username === '' ? [] : [username]), password].map((word) =>
    quote(decodeURIComponent(word)),
  );
  return [`AUTH ${words.join(' ')}`];
}

// Inline commands understand quoted words with the usual escapes.
function quote(word: string): string {
  return JSON.stringify(word);
}

export const redis: Tool = {
  name: 'redis',
  sources: [
    given,
    pathSource(['redis-server', 'valkey-server'], probe),
    aptCacheSource,
    containerSource('redis'),
    aptSource,
  ],
  hint: 'install Redis, or set SIAGA_REDIS_URL to a running server',
};
