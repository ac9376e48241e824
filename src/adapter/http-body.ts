import { createHash } from 'node:crypto';
import type http from 'node:http';
import { pipeline, type Readable, type Transform } from 'node:stream';

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
 * Reads a body, unpacked, up to `maxBytes` and hangs up on the rest.
 * @throws {BrokenBody} the connection ended before the body did, or it is not packed as its header says
 */
export async function readBody(
  response: http.IncomingMessage,
  method: string,
  maxBytes: number,
): Promise<ReadBody> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of unpacked(response, method) as AsyncIterable<Uint8Array>) {
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

// Loaded only where a body is packed: we ask for plain ones.
const zlib = () => process.getBuiltinModule('node:zlib');
const unpackers: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib().createGunzip(),
  'x-gzip': () => zlib().createGunzip(),
  deflate: () => zlib().createInflate(),
  br: () => zlib().createBrotliDecompress(),
  zstd: () => zlib().createZstdDecompress(),
};

// Nobody asked for a packed body, yet servers and proxies send one.
function unpacked(response: http.IncomingMessage, method: string): Readable {
  const coding = response.headers['content-encoding']?.trim().toLowerCase() ?? '';
  const unpack = unpackers[coding];
  if (unpack === undefined || method === 'HEAD' || isEmpty(response)) return response;
  // An error reaches whoever reads; the callback only keeps it from being thrown here.
  return pipeline(response, unpack(), () => {});
}

function isEmpty({ statusCode, headers }: http.IncomingMessage): boolean {
  return statusCode === 204 || statusCode === 304 || headers['content-length'] === '0';
}
