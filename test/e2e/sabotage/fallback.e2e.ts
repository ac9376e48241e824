import { describe, expect } from 'vitest';
import { changeJson } from '../../support/rig/interceptor.ts';
import { failsExactly, lie } from '../../support/rig/sabotage.ts';

const answersOkx = 'passed, degraded true, source "okx"';
const fallsBackFirst = { path: 'body.status', got: expect.stringContaining('body.fallback.active is false') };

describe('siaga chaos run fails exactly the expectation that is about (R30), of the fallback', () => {
  failsExactly([
    {
      what: 'a fallback that is gone',
      experiment: 'provider-down',
      commit: (rig) =>
        rig.patched(
          'reference/api/market/standing.ts',
          "return toggles.fallbackEnabled ? ['coinapi', ...fallback] : ['coinapi'];",
          "return ['coinapi'];",
        ),
      ending: [1, 'weakness'],
      broken: [
        { id: 'during.2', path: 'status', got: 'status: 503', allowed: answersOkx },
        { id: 'during.3', path: 'status', got: 'status: 503', allowed: answersOkx },
        { id: 'during.5', ...fallsBackFirst, allowed: 'passed, fallback true' },
        { id: 'during.6', ...fallsBackFirst, allowed: 'passed' },
        {
          id: 'during.8',
          path: 'rest.errors',
          got: expect.stringMatching(/^rate \d+(\.\d+)?% \(n=\d+\)$/),
          allowed: 'rate <= 2%',
        },
      ],
    },
    {
      what: 'degraded that is never set',
      experiment: 'provider-down',
      commit: (rig) =>
        rig.patched(
          'reference/api/market/standing.ts',
          "return toggles.degradedMode || source !== 'coinapi';",
          'return toggles.degradedMode && source.length === 0;',
        ),
      ending: [1, 'weakness'],
      broken: [
        ...['during.2', 'during.3'].map((id) => ({
          id,
          path: 'body.degraded',
          got: 'body.degraded: false, body.source is "okx"',
          allowed: answersOkx,
        })),
        // Nobody is mitigated while a core check fails.
        { id: 'during.11', path: 'incident', got: expect.stringContaining('declared'), allowed: 'mitigated' },
      ],
    },
    {
      what: "OKX's label on CoinAPI's numbers",
      experiment: 'provider-down',
      commit: (rig) =>
        lie(
          rig,
          changeJson('/api/sol/complete', (body) =>
            body['source'] === 'okx' ? { ...body, price: Number(body['price']) / 1.008 } : body,
          ),
        ),
      ending: [1, 'weakness'],
      broken: [
        {
          id: 'during.4',
          path: 'states.price',
          got: expect.stringMatching(/ 0\.[6-9]\d*% off okx-direct's /),
          allowed: "within 0.4% of okx-direct's okx-price of the same 2s",
        },
      ],
    },
  ]);
});
