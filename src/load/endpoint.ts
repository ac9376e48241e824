import type { Point } from './point.ts';
import { oneLine } from './text.ts';

const most = 200;
const longest = 120;

/** Names the endpoint of a request's point, and keeps the number of names bounded: past 200 it is `other`. */
export class EndpointNames {
  readonly #known = new Set<string>();

  /** @param before says more of where it is: another origin */
  of({ tags }: Point, before = ''): string {
    const name = oneLine(before + (tags['endpoint'] ?? untagged(tags)), longest);
    if (this.#known.has(name)) return name;
    if (this.#known.size >= most) return 'other';
    this.#known.add(name);
    return name;
  }
}

// Scripts that know nothing of our tag are told apart by k6's own: `name` is the URL unless the script set it.
function untagged(tags: Point['tags']): string {
  return `${tags['method'] ?? 'GET'} ${pathOf(tags['name'] ?? tags['url'] ?? 'unknown')}`;
}

// A query may carry a secret, and makes every request an endpoint of its own.
function pathOf(name: string): string {
  return URL.canParse(name) ? new URL(name).pathname : (name.split('?')[0] ?? name);
}
