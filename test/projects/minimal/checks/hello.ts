import { defineCheck, type StandardSchemaV1 } from 'siaga';
import runbook from '../runbook.ts';

interface Hello {
  readonly fallback: boolean;
}

// A schema by hand: a project without any library must work.
const Hello: StandardSchemaV1<unknown, Hello> = {
  '~standard': {
    version: 1,
    vendor: 'minimal',
    validate: (value) =>
      typeof value === 'object' && value !== null && 'fallback' in value
        ? { value: { fallback: value.fallback === true } }
        : { issues: [{ message: 'fallback is missing', path: ['fallback'] }] },
  },
};

export const hello = defineCheck({
  name: 'hello',
  tags: ['core'],
  every: '1s',
  request: { path: '/hello', timeout: '2s' },
  response: { status: 200, body: Hello, within: '650ms' },
  invariants: { 'the runbook is at hand': () => runbook.name === 'minimal' },
  states: { fallback: ({ body }) => body.fallback, provider: ({ status }) => status === 200 },
});
