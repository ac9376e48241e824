import { unreachable } from '../kernel/never.ts';
import { violationWords } from '../kernel/outcome.ts';
import type { Result } from './envelope.ts';

/** What keeps a result from being a pass: an assertion that did not hold, or something that could not be judged. */
export interface Problem {
  readonly kind: 'failure' | 'error';
  readonly type: string;
  /** The most telling first; never empty. */
  readonly lines: readonly string[];
  /** What the failed answer said, where the run was told to show it. */
  readonly said?: string;
}

/** What a result comes to: each kind of result says for itself that it passed. */
export type Judged =
  | Problem
  | { readonly kind: 'passed' }
  /** It did not take place. */
  | { readonly kind: 'skipped'; readonly reason: string };

const passed: Judged = { kind: 'passed' };

/** Whether a result passed, was skipped, or what is wrong with it. */
export function judgedOf(result: Result): Judged {
  switch (result.kind) {
    case 'check':
    case 'load': {
      const { outcome, violations, reason } = result;
      if (outcome === 'passed') return passed;
      const lines = violations.map(violationWords);
      if (outcome === 'failed') {
        const why = lines.length > 0 ? lines : [reason ?? 'failed'];
        return { kind: 'failure', type: 'violation', lines: why, ...saidBy(result) };
      }
      // What an answer said beside a doubt is no finding.
      const beside = result.kind === 'load' ? lines : [];
      return { kind: 'error', type: 'inconclusive', lines: [reason ?? 'inconclusive', ...beside] };
    }
    case 'experiment': {
      const { verdict, reasons, expectations, durationMs } = result;
      if (verdict === 'held') return passed;
      const broken = expectations.filter(({ outcome }) => outcome === 'broken');
      const worded = broken.map(({ text, got, allowed }) => `${text}: got ${got}, allowed ${allowed}`);
      // What broke is among the reasons of an experiment that came to its end.
      const lines = durationMs === null ? [...reasons, ...worded] : reasons;
      return { kind: verdict === 'weakness' ? 'failure' : 'error', type: verdict, lines };
    }
    case 'part': {
      const { name, outcome, reason } = result;
      if (outcome === 'not-run') return { kind: 'skipped', reason };
      return { kind: outcome === 'failed' ? 'failure' : 'error', type: name, lines: [reason] };
    }
    case 'signal':
    case 'state':
    case 'toggle':
    case 'metrics':
    case 'incident':
    case 'drill':
    case 'run': {
      const { kind, outcome, reason } = result;
      if (outcome === 'failed') return { kind: 'failure', type: kind, lines: [reason] };
      return { kind: 'error', type: 'inconclusive', lines: [reason] };
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
    default:
      return unreachable(result);
  }
}

/** What is wrong with a result; `undefined` where nothing is. */
export function problemOf(result: Result): Problem | undefined {
  const judged = judgedOf(result);
  return judged.kind === 'failure' || judged.kind === 'error' ? judged : undefined;
}

function saidBy(result: Result): Pick<Problem, 'said'> {
  return result.kind === 'check' && result.body !== null ? { said: result.body } : {};
}

/** All of it, a line each. */
export function problemText({ lines, said }: Problem): string {
  return [...lines, ...(said === undefined ? [] : [`it said: ${said}`])].join('\n');
}
