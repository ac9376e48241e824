import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';
import { type AnyCheck, defineCheck, type HttpCheck, type WebSocketCheck } from './definition.ts';

const Body = z.object({ price: z.number(), degraded: z.boolean() });
const common = { name: 'a', tags: ['core'], every: '1s' } as const;
const request = { path: '/a', timeout: '2s' } as const;

describe('what a check’s rules know of the body', () => {
  test('is inferred from its schema, over HTTP and over a WebSocket', () => {
    const http = defineCheck({
      ...common,
      request,
      response: { status: 200, body: Body },
      invariants: {
        typed: ({ body }) => {
          expectTypeOf(body).toEqualTypeOf<{ price: number; degraded: boolean }>();
          return body.degraded;
        },
      },
      samples: { price: ({ body }) => body.price },
    });
    const socket = defineCheck({
      ...common,
      socket: { path: '/ws', send: { id: '{{id}}' }, timeout: '1s' },
      reply: { body: Body },
      samples: { price: ({ body }) => body.price },
    });
    expectTypeOf(http).toExtend<HttpCheck<{ price: number; degraded: boolean }>>();
    expectTypeOf(socket).toExtend<WebSocketCheck<{ price: number; degraded: boolean }>>();
    expectTypeOf([http, socket]).toExtend<readonly AnyCheck[]>();
  });

  test('is unknown without one', () => {
    defineCheck({
      ...common,
      request,
      response: { status: 200 },
      states: {
        any: ({ body }) => {
          expectTypeOf(body).toBeUnknown();
          return true;
        },
      },
    });
  });
});

describe('wrong checks do not compile', () => {
  test('a bare number as a duration, no expected status, a text as a sample', () => {
    expectTypeOf<1_000>().not.toExtend<HttpCheck['every']>();
    expectTypeOf<object>().not.toExtend<HttpCheck['response']>();
    expectTypeOf<() => 'a lot'>().not.toExtend<NonNullable<HttpCheck['samples']>[string]>();
  });

  test('a field that the schema does not know', () => {
    const response = { status: 200, body: Body } as const;
    const check = defineCheck({
      ...common,
      request,
      response,
      // @ts-expect-error the schema has no cost
      samples: { cost: ({ body }) => body.cost },
    });
    expectTypeOf(check.name).toBeString();
  });
});
