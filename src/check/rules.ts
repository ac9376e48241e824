import type { Violation } from '../kernel/outcome.ts';
import { formatMs, type Duration } from '../kernel/duration.ts';
import { toMs } from '../kernel/to-ms.ts';
import type { Answer, HttpCheck } from './definition.ts';
import type { Answered } from './ports.ts';
import { messageOf } from '../kernel/errors.ts';
import { isPromise, settle, tracedReads } from './read-trace.ts';
import { show, withoutQuery } from './text.ts';

/** A violation as it is found. */
export interface Found extends Violation {
  /** It is about how long the answer took, which our own lateness spoils. */
  readonly ofTime?: true;
}

type Expected = HttpCheck['response'];

export const statusesOf = ({ status }: Expected): readonly number[] =>
  typeof status === 'number' ? [status] : status;

export function statusViolations(expected: Expected, { status, headers }: Answered): Violation[] {
  const allowed = statusesOf(expected);
  if (allowed.includes(status)) return [];
  const to = headers['location'];
  const got = to === undefined ? String(status) : `${status}, redirected to ${withoutQuery(to)}`;
  return [{ path: 'status', rule: 'the status is as expected', got, allowed: allowed.join(' or ') }];
}

export function contentTypeViolations({ contentType }: Expected, { headers }: Answered): Violation[] {
  const got = headers['content-type'];
  if (contentType === undefined || mediaType(got) === mediaType(contentType)) return [];
  return [
    {
      path: 'content-type',
      rule: 'the content type is as expected',
      got: got ?? 'missing',
      allowed: contentType,
    },
  ];
}

function mediaType(text: string | undefined): string | undefined {
  return text?.split(';')[0]?.trim().toLowerCase();
}

export function headerViolations({ headers: wanted = [] }: Expected, { headers }: Answered): Violation[] {
  const present = (name: string) => headers[name.toLowerCase()] !== undefined;
  if (!('anyOf' in wanted)) {
    return wanted.filter((name) => !present(name)).map((name) => missingHeader(name, 'missing', 'present'));
  }
  if (wanted.anyOf.some((set) => set.every(present))) return [];
  const seen = [...new Set(wanted.anyOf.flat())].filter(present);
  const got = seen.length === 0 ? 'none of them' : `only ${seen.join(', ')}`;
  const allowed = wanted.anyOf.map((set) => set.join(' + ')).join(', or ');
  return [missingHeader(wanted.anyOf[0]?.[0] ?? '', got, allowed)];
}

function missingHeader(name: string, got: string, allowed: string): Violation {
  return { path: `headers.${name.toLowerCase()}`, rule: 'the header is present', got, allowed };
}

/** For a body that was cut: it was read up to its limit. */
export function sizeViolation({ body }: Answered): Violation {
  const limit = formatBytes(body.length);
  return {
    path: 'body',
    rule: 'the body is not too large',
    got: `more than ${limit}`,
    allowed: `at most ${limit}`,
  };
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_024) return `${bytes} bytes`;
  return bytes < 1_048_576 ? `${+(bytes / 1_024).toFixed(1)} KiB` : `${+(bytes / 1_048_576).toFixed(1)} MiB`;
}

/** Where and how a slow answer breaks its limit. */
export const slow = { path: 'durationMs', rule: 'the answer comes in time' } as const;

export function durationViolations(within: Duration | undefined, durationMs: number): Found[] {
  if (within === undefined || durationMs <= toMs(within)) return [];
  const allowed = `at most ${formatMs(toMs(within))}`;
  return [{ ...slow, got: formatMs(durationMs), allowed, ofTime: true }];
}

type Rule = (answer: Answer<never>) => boolean | string;

/** Each rule that does not hold, with what it read. */
export function invariantViolations(
  rules: Readonly<Record<string, Rule>> = {},
  answer: Answer<unknown>,
): Found[] {
  return Object.entries(rules).flatMap(([wording, rule]) => {
    const verdict = attempt(() => rule(answer as Answer<never>));
    return verdict === true ? [] : [brokenRule(wording, verdict, rule, answer)];
  });
}

function attempt(rule: () => unknown): unknown {
  try {
    const verdict = rule();
    settle(verdict);
    return isPromise(verdict) ? 'the rule gave a promise, and must say true or false at once' : verdict;
  } catch (error) {
    return `the rule threw: ${messageOf(error)}`;
  }
}

const mostReads = 4;

function brokenRule(wording: string, verdict: unknown, rule: Rule, answer: Answer<unknown>): Found {
  const reads = [...tracedReads(rule, answer)];
  // The path stands beside it already; what else was read explains it.
  const read = reads
    .slice(0, mostReads)
    .map(([path, value], i) => (i === 0 ? show(value) : `${path} is ${show(value)}`));
  const got = typeof verdict === 'string' && verdict !== '' ? verdict : read.join(', ') || 'it does not hold';
  const ofTime = reads.some(([path]) => path === 'durationMs');
  return { path: reads[0]?.[0] ?? 'body', rule: wording, got, allowed: wording, ...(ofTime && { ofTime }) };
}
