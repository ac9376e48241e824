import { CallTimeout, measured } from '../dependency.ts';
import type { Metrics } from '../metrics.ts';
import type { ProviderName } from './types.ts';

const maxBytes = 1_048_576;

/**
 * Gets JSON from a provider. The timeout covers everything from connecting to the last byte.
 * @throws {CallTimeout} past `timeoutMs`; other errors for statuses other than 200, bodies over 1 MiB and bodies that are not JSON.
 */
export function getJson(
  metrics: Metrics,
  provider: ProviderName,
  url: URL,
  timeoutMs: number,
): Promise<unknown> {
  return measured(metrics, provider, async () => {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(url, {
        signal,
        headers: { accept: 'application/json' },
        redirect: 'error',
      });
      const body = await readBounded(response);
      if (response.status !== 200) throw new Error(`${provider} answered ${response.status}`);
      return JSON.parse(body) as unknown;
    } catch (error) {
      throw signal.aborted ? new CallTimeout(provider, timeoutMs) : error;
    }
  });
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let [body, bytes] = ['', 0];
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new Error(`the answer is over ${maxBytes} bytes`);
    body += decoder.decode(chunk, { stream: true });
  }
  return body + decoder.decode();
}
