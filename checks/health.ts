import { defineCheck } from 'siaga';
import { z } from 'zod';

const Health = z.object({ status: z.string() });

export const live = defineCheck({
  name: 'health-live',
  title: 'The process lives',
  tags: ['health'],
  every: '1s',
  request: { path: '/health/live', timeout: '2s' },
  response: { status: 200, contentType: 'application/json', body: Health },
  counted: false,
});

/** 503 here means that the system itself says it cannot serve: no window, SEV-0. */
export const ready = defineCheck({
  name: 'health-ready',
  title: 'The system can serve',
  tags: ['health', 'ready'],
  every: '1s',
  request: { path: '/health/ready', timeout: '2s' },
  response: { status: 200, contentType: 'application/json', body: Health },
  counted: false,
});
