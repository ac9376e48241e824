import { EnvironmentReader } from './shared/environment.ts';
import { createLogger, exitOnProblems, startOrExit } from './shared/process.ts';

interface Proxy {
  readonly name: string;
  readonly listen: string;
  readonly upstream: string;
}

const callMs = 5_000;

const environment = new EnvironmentReader(process.env);
const toxiproxy = environment.url('TOXIPROXY_URL', ['http:']);
const proxies = parseProxies(environment.text('PROXIES'));
if (proxies === undefined)
  environment.refuse('PROXIES', 'NAME=LISTEN>UPSTREAM,… with host:port on both sides');
const logger = createLogger('populate');
exitOnProblems(logger, environment.problems);

await startOrExit(logger, async () => {
  for (const proxy of proxies ?? []) {
    // oxlint-disable-next-line no-await-in-loop
    const created = await create(proxy);
    logger.info({ proxy, created }, created ? 'Proxy created' : 'Proxy was there already');
  }
});

function parseProxies(text: string): readonly Proxy[] | undefined {
  const parsed = text.split(',').map((part): Proxy | undefined => {
    const [name, listen, upstream] = /^([\w-]+)=([^>]+:\d+)>(.+:\d+)$/.exec(part.trim())?.slice(1) ?? [];
    return name && listen && upstream ? { name, listen, upstream } : undefined;
  });
  const valid = parsed.filter((proxy) => proxy !== undefined);
  return valid.length === parsed.length ? valid : undefined;
}

/** A proxy that exists is left alone: replacing it would cut its connections and drop the toxics of a drill. */
async function create(proxy: Proxy): Promise<boolean> {
  const response = await fetch(new URL('/proxies', toxiproxy), {
    method: 'POST',
    body: JSON.stringify({ ...proxy, enabled: true }),
    signal: AbortSignal.timeout(callMs),
  });
  const answer = await response.text();
  if (response.status === 409) return false;
  if (response.status !== 201)
    throw new Error(`Toxiproxy answered ${response.status} for ${proxy.name}: ${answer}`);
  return true;
}
