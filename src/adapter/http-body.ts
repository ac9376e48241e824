import { createHash } from 'node:crypto';
import type http from 'node:http';

/** What could be read of a body. */
export interface ReadBody {
  readonly bytes: Uint8Array;
  /** Hex, of these bytes. */
  readonly sha256: string;
  /** There was more than the limit. */
  readonly cut: boolean;
}

/** Why a body did not arrive whole. */
export class BrokenBody extends Error {
  readonly received: number;
  constructor(received: number, cause: Error) {
    super(cause.message, { cause });
    this.received = received;
  }
}

/**
 * Reads a body up to `maxBytes` and hangs up on the rest.
 * @throws {BrokenBody} the connection ended before the body did
 */
export async function readBody(response: http.IncomingMessage, maxBytes: number): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of response as AsyncIterable<Uint8Array>) {
      chunks.push(chunk.subarray(0, maxBytes - size));
      size += chunk.length;
      // Leaving the loop destroys the response, and with it the connection.
      if (size > maxBytes) break;
    }
  } catch (error) {
    throw new BrokenBody(size, error as Error);
  }
  const bytes = Buffer.concat(chunks);
  return { bytes, sha256: createHash('sha256').update(bytes).digest('hex'), cut: size > maxBytes };
}
