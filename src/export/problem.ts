import type { Violation } from '../kernel/outcome.ts';
import type { Result } from './envelope.ts';

/** What keeps a result from being a pass: an assertion that did not hold, or something that could not be judged. */
export interface Problem {
  readonly kind: 'failure' | 'error';
  readonly type: string;
  /** The most telling first; never empty. */
  readonly lines: readonly string[];
}

/** What is wrong with a result; `undefined` where nothing is. */
export function problemOf(result: Result): Problem | undefined {
  switch (result.kind) {
    case 'check':
    case 'load': {
      const { outcome, violations, reason } = result;
      if (outcome === 'passed') return undefined;
      const lines = violations.map(violationLine);
      if (outcome === 'failed') return { kind: 'failure', type: 'violation', lines };
      return { kind: 'error', type: 'inconclusive', lines: [reason ?? 'inconclusive', ...lines] };
    }
    case 'experiment': {
      const { verdict, reasons, expectations } = result;
      if (verdict === 'held') return undefined;
      const broken = expectations.filter(({ outcome }) => outcome === 'broken');
      const lines = [
        ...reasons,
        ...broken.map(({ text, path, got, allowed }) =>
          violationLine({ path: path ?? '', rule: text, got, allowed }),
        ),
      ];
      return { kind: verdict === 'weakness' ? 'failure' : 'error', type: verdict, lines };
    }
    case 'error': {
      const { what, where, got, allowed, hint } = result;
      const rows = Object.entries({ where, got, allowed, hint }).filter(([, text]) => text !== null);
      return {
        kind: 'error',
        type: result.code,
        lines: [what, ...rows.map(([label, text]) => `${label}: ${text}`)],
      };
    }
  }
}

/** `body.degraded: must be true; got false, allowed true`. */
export function violationLine({ path, rule, got, allowed }: Violation): string {
  return `${path && `${path}: `}${rule}; got ${got}, allowed ${allowed}`;
}
