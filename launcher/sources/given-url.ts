import { SiagaError } from '../../src/kernel/errors.ts';
import { exit } from '../../src/kernel/exit.ts';
import type { Address } from './wire.ts';

export interface GivenUrl {
  readonly url: URL;
  readonly address: Address;
}

/**
 * Reads a server's URL from a variable.
 * @throws {SiagaError} `given-url-invalid` (exit 2). The value may hold a password and is never quoted.
 */
export function readGivenUrl(
  variable: string,
  value: string,
  schemes: readonly string[],
  port: number,
): GivenUrl {
  const url = URL.parse(value);
  const allowed = `${schemes.join(' or ')}//host:port`;
  if (!url || !schemes.includes(url.protocol) || url.hostname === '') {
    throw new SiagaError('given-url-invalid', {
      what: `${variable} is not a URL of such a server`,
      where: variable,
      got: url ? `a URL that starts with ${url.protocol}` : 'something that is not a URL',
      allowed,
      exitCode: exit.usage,
    });
  }
  return { url, address: { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port) || port } };
}
