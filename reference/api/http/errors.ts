import { randomUUID } from 'node:crypto';
import { NoQuote } from '../market/quotes.ts';
import { StoreUnavailable } from '../store/last-good.ts';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Socket } from 'node:net';

/** An answer other than a success, in the API's own words. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: string,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
    this.name = 'ApiError';
    this.status = status;
    this.code = code;
    this.details = details;
  }
}

/** No price source may serve or can. */
export function providerUnavailable(): ApiError {
  return new ApiError(503, 'PROVIDER_UNAVAILABLE', 'no price source is available');
}

export function addErrorHandling(app: FastifyInstance): void {
  app.setErrorHandler((error: FastifyError | Error, request, reply) => answerError(error, request, reply));
  app.setNotFoundHandler((request, reply) =>
    answerError(new ApiError(404, 'NOT_FOUND', 'there is nothing at this address'), request, reply),
  );
}

/** Answers with `{ error: { code, message }, requestId }`. What we did not foresee says nothing about its inside. */
export function answerError(error: Error, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const { status, code, message, details } = toApiError(error);
  if (status >= 500) request.log.error({ err: error, code }, message);
  // An address that cannot be decoded ends here before any hook has run.
  return reply
    .code(status)
    .header('x-request-id', request.id)
    .send({ error: { code, message, ...details }, requestId: request.id });
}

function toApiError(error: Error): ApiError {
  if (error instanceof ApiError) return error;
  if (error instanceof NoQuote) return providerUnavailable();
  if (error instanceof StoreUnavailable)
    return new ApiError(503, 'STORE_UNAVAILABLE', 'stored data is not available');
  const status = 'statusCode' in error && typeof error.statusCode === 'number' ? error.statusCode : 500;
  if (status < 400 || status >= 500) return new ApiError(500, 'INTERNAL_ERROR', 'something went wrong');
  return new ApiError(status, codes[status] ?? 'INVALID_REQUEST', error.message);
}

const codes: Readonly<Record<number, string>> = { 413: 'BODY_TOO_LARGE', 415: 'UNSUPPORTED_MEDIA_TYPE' };

const broken: Readonly<Record<string, readonly [string, string, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'TIMEOUT', 'the request took too long'],
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'HEADERS_TOO_LARGE',
    'the headers are too large',
  ],
};

/** Answers bytes that are not HTTP, or that came too slowly, in JSON too, and closes. */
export function answerBrokenRequest(error: { code?: string }, socket: Socket): void {
  if (!socket.writable || socket.destroyed || error.code === 'ECONNRESET') return void socket.destroy();
  const usual = ['400 Bad Request', 'INVALID_REQUEST', 'the request is not HTTP'] as const;
  const [status, code, message] = broken[error.code ?? ''] ?? usual;
  const requestId = randomUUID();
  const body = JSON.stringify({ error: { code, message }, requestId });
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nX-Request-Id: ${requestId}\r\n`;
  socket.end(`${head}Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`);
}
