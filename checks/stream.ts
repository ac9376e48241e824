import { defineCheck } from 'siaga';
import { z } from 'zod';
import runbook from '../runbook.ts';
import { ageMs, DataBody } from './lib/body.ts';

const Echo = DataBody.extend({ type: z.literal('echo'), id: z.string() });

export const stream = defineCheck({
  name: 'stream',
  title: 'WebSocket round trip',
  tags: ['core', 'contract'],
  // On one kept connection: enough for a percentile in the shortest bucket there is.
  every: '75ms',
  socket: { path: '/ws/stream', send: { type: 'echo', id: '{{id}}' }, timeout: '2s' },
  reply: { body: Echo, within: runbook.limits.roundTrip },
  // Data ahead of its time is another check's.
  samples: { freshness: ({ body }) => Math.max(0, ageMs(body)) },
});
