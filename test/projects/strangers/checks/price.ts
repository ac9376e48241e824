import { defineCheck } from 'siaga';

interface Price {
  readonly degraded: boolean;
}

export const quote = defineCheck({
  name: 'quote',
  tags: ['contract'],
  every: '250ms',
  request: { path: '/price', timeout: '5s' },
  response: { status: 200 },
  states: {
    stale: ({ body }: { body: unknown }) => (body as Price).degraded,
    supplied: ({ body }: { body: unknown }) => !(body as Price).degraded,
  },
});

export const serving = defineCheck({
  name: 'serving',
  tags: ['serving'],
  every: '1s',
  request: { path: '/serving', timeout: '5s' },
  response: { status: 200 },
});
