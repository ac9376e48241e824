import fc from 'fast-check';
import { marked } from 'marked';
import { parse, type DefaultTreeAdapterTypes } from 'parse5';
import { describe, expect, it } from 'vitest';
import { fromSchema, hostileTexts } from '../../test/support/hostile/from-schema.ts';
import { eventSchema } from '../event/shapes/event.ts';
import { deriveAll } from '../incident/engine.ts';
import { SiagaError } from '../kernel/errors.ts';
import { parseEvents } from '../report/parse.ts';
import { compareDerived } from '../report/rejudge.ts';
import { gameDay } from '../report/testing/game-day.ts';
import { runFiles } from '../run/conclude.ts';

// `npm run fuzz` tries 10,000; a seed is printed with what fails.
const tries = Number(process.env['SIAGA_FUZZ'] ?? 600);

type Event = Record<string, unknown>;
type Node = DefaultTreeAdapterTypes.ChildNode;

/** A game day in few lines: of each kind of event the first ones. */
function fewLines(): readonly Event[] {
  const most: Readonly<Record<string, number>> = { samples: 12, 'check.finished': 8, 'toggle.read': 4 };
  const seen = new Map<string, number>();
  return gameDay({ short: true }).flatMap((event): Event[] => {
    const count = (seen.get(event.type) ?? 0) + 1;
    seen.set(event.type, count);
    return count > (most[event.type] ?? 3) ? [] : [JSON.parse(JSON.stringify(event)) as Event];
  });
}

const base = fewLines();
const schema = eventSchema() as {
  readonly oneOf: readonly {
    readonly properties: { readonly type: { readonly const: string }; readonly data: object };
  }[];
};

/** An event of any kind as the schema accepts it. */
const anyEvent = fc
  .constantFrom(...schema.oneOf)
  .chain(({ properties: { type, data } }) =>
    fromSchema(data).map((payload) => ({ type: type.const, data: fitting(payload as Event) })),
  );

// A bucket that does not fit to the speed is refused at once.
function fitting(data: Event): Event {
  return 'judge' in data
    ? { ...data, judge: { ...(data['judge'] as Event), speed: 30, bucketMs: 2_000 } }
    : data;
}

const wrongValue = fc.oneof(
  fc.constantFrom(
    ...hostileTexts,
    null,
    true,
    [],
    {},
    -1,
    0,
    0.000001,
    1e16,
    1e308,
    2 ** 53,
    [[[]]],
    ['<zz-evil>'],
    { '<zz-evil>': 1 },
  ),
  fc.constant(Array.from({ length: 3_000 }, (_, n) => n)),
  fc.constant(Array.from({ length: 200 }).reduce<unknown>((inner) => [inner], 1)),
  fc.constant(
    JSON.parse('{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}') as unknown,
  ),
);

/** Sets, or takes away, what lies at a place of an event that is chosen by numbers. */
function alter(event: Event, way: readonly number[], value: unknown): Event {
  const root = structuredClone(event);
  let at: Record<string, unknown> = root;
  for (const step of way) {
    const keys = Object.keys(at);
    const key = keys[step % keys.length];
    if (key === undefined) break;
    const inner = at[key];
    if (typeof inner === 'object' && inner !== null && step % 7 !== 0) at = inner as Record<string, unknown>;
    else {
      if (value === undefined) delete at[key];
      else at[key] = value;
      break;
    }
  }
  return root;
}

const place = fc.nat({ max: 10_000 });
const way = fc.array(place, { minLength: 1, maxLength: 8 });

/** One thing that a stranger did, as data, so that what fails can be read. */
const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ at: place, way, value: fc.option(wrongValue, { nil: undefined }) }) },
  { weight: 4, arbitrary: fc.record({ at: place, event: anyEvent }) },
  { weight: 1, arbitrary: fc.record({ drop: place }) },
  { weight: 1, arbitrary: fc.record({ repeat: place }) },
  { weight: 1, arbitrary: fc.record({ swap: fc.tuple(place, place) }) },
);
type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function changed(events: readonly Event[], one: Change): readonly Event[] {
  const at = (n: number): number => n % Math.max(1, events.length);
  const found = (n: number): Event => events[at(n)] ?? {};
  if ('drop' in one) return events.toSpliced(at(one.drop), 1);
  if ('repeat' in one) return events.toSpliced(at(one.repeat), 0, found(one.repeat));
  if ('swap' in one)
    return events.with(at(one.swap[0]), found(one.swap[1])).with(at(one.swap[1]), found(one.swap[0]));
  if ('event' in one) return events.with(at(one.at), { ...found(one.at), ...one.event });
  return events.with(at(one.at), alter(found(one.at), one.way, one.value));
}

function written(events: readonly Event[], cut: number | null): string {
  const text = events.map((event) => `${JSON.stringify(event)}\n`).join('');
  return cut === null ? text : text.slice(0, -1 - cut);
}

interface Ended {
  readonly code: number;
  readonly files: ReadonlyMap<string, string>;
}

/** What `siaga report --rejudge` does with a file. */
function report(text: string): Ended {
  try {
    const { events } = parseEvents(text, 'events.ndjson');
    const files = runFiles(events);
    return { code: compareDerived(events, deriveAll).same ? 0 : 3, files };
  } catch (error) {
    if (error instanceof SiagaError) return { code: error.exitCode, files: new Map() };
    throw error;
  }
}

/** Whether a document, as a browser reads it, holds an element or an attribute that was planted. */
function isTaken(html: string): boolean {
  if (!html.includes('zz-evil')) return false;
  const holds = (node: Node): boolean => {
    if (node.nodeName.startsWith('zz-evil')) return true;
    const attributes = 'attrs' in node ? node.attrs : [];
    if (attributes.some(({ name, value }) => name.includes('zz-evil') || /^javascript:/i.test(value)))
      return true;
    return 'childNodes' in node && node.childNodes.some(holds);
  };
  return parse(html).childNodes.some(holds);
}

describe('hostile 6: events that a stranger has altered', () => {
  it('the file as it is, is judged again the same', () => {
    const whole = gameDay({ short: true })
      .map((event) => `${JSON.stringify(event)}\n`)
      .join('');
    expect(report(whole).code).toBe(0);
  });

  it(`end with 0, 2 or 3, and nothing of them becomes markup (${tries} files)`, { timeout: 600_000 }, () => {
    const codes = new Map<number, number>();
    const cut = fc.oneof({ weight: 12, arbitrary: fc.constant(null) }, fc.nat({ max: 2_000 }));
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), cut, (changes, end) => {
        const { code, files } = report(written(changes.reduce(changed, base), end));
        codes.set(code, (codes.get(code) ?? 0) + 1);
        expect([0, 2, 3]).toContain(code);
        expect(({} as { polluted?: true }).polluted).toBeUndefined();
        expect(isTaken(files.get('report.html') ?? '')).toBe(false);
        const markdown = `${files.get('report.md') ?? ''}\n${files.get('postmortem.md') ?? ''}`;
        const risky = markdown.includes('<zz-evil') || markdown.includes('(javascript:');
        expect(risky && isTaken(String(marked.parse(markdown)))).toBe(false);
        expect(files.get('junit.xml') ?? '').not.toMatch(/<zz-evil/);
      }),
      { numRuns: tries, interruptAfterTimeLimit: 500_000, markInterruptAsFailure: true },
    );
    // Both what is refused and what is read must have been tried.
    expect(codes.get(2)).toBeGreaterThan(tries / 20);
    expect((codes.get(3) ?? 0) + (codes.get(0) ?? 0)).toBeGreaterThan(tries / 20);
  });
});
