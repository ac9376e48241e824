import { matching } from '../kernel/shape.ts';

/** Whether a text is a URL with a user or a password in it. */
export function hasUserinfo(found: string): boolean {
  return /^[a-z][a-z\d+.-]*:\/\/[^/?#]*@/i.test(found);
}

/** Whether a text is an absolute http or https URL. */
export function isHttp(found: string): boolean {
  return URL.canParse(found) && /^https?:$/.test(new URL(found).protocol);
}

/** A URL whose variables are not filled in yet is judged when they are. */
export const url = matching(
  (found) => typeof found === 'string' && (found.includes('${') || isHttp(found)),
  'this is not a URL',
  'an http or https URL, or one made of ${VARIABLES}',
);
