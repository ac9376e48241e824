import { defineCheck } from 'siaga';
import runbook from '../runbook.ts';

interface Hello {
  readonly fallback: boolean;
}

// A Standard Schema by hand: a project without any library must work.
const Hello = {
  '~standard': {
    version: 1,
    vendor: 'minimal',
    validate: (value: unknown) =>
      typeof value === 'object' && value !== null && 'fallback' in value
        ? { value: { fallback: value.fallback === true } }
        : { issues: [{ message: 'fallback is missing', path: ['fallback'] }] },
    types: { input: {} as unknown, output: {} as Hello },
  },
} as const;

export const hello = defineCheck({
  name: 'hello',
  tags: ['core'],
  every: '1s',
  request: { path: '/hello', timeout: '2s' },
  response: { status: 200, body: Hello, within: '650ms' },
  invariants: { 'the runbook is at hand': () => runbook.name === 'minimal' },
  states: { fallback: ({ body }) => body.fallback, provider: ({ status }) => status === 200 },
});
