import type { Redactor } from './text.ts';

const kept = /^(ratelimit.*|content-type|x-request-id|retry-after|server-timing|date)$/;

/** The headers that may be written down. */
export function keptHeaders(
  headers: Readonly<Record<string, string>>,
  redact: Redactor,
): Record<string, string> {
  const entries = Object.entries(headers).filter(([name]) => kept.test(name));
  return Object.fromEntries(entries.map(([name, value]) => [redact.line(name), redact.line(value)]));
}

/** The id a target gave the request: by header, else in the body. */
export function requestIdOf(headers: Readonly<Record<string, string>>, body: unknown): string | undefined {
  const inHeader = headers['x-request-id'];
  if (inHeader !== undefined && inHeader !== '') return inHeader;
  const inBody =
    typeof body === 'object' && body !== null && 'requestId' in body ? body.requestId : undefined;
  return typeof inBody === 'string' && inBody !== '' ? inBody : undefined;
}
