import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Draft, EventOf, SiagaEvent } from '../src/event/envelope.ts';
import type { IncidentTransition } from '../src/event/incident.ts';
import { envelopeOf } from '../src/export/envelope-of.ts';
import { annotations, stepSummary } from '../src/export/github.ts';
import { junit } from '../src/export/junit.ts';
import type { IncidentPhase } from '../src/projection/model.ts';
import type { Block, Inline } from '../src/report/document/types.ts';
import { foldReport } from '../src/report/fold.ts';
import { advance, beginning } from '../src/report/live/state.ts';
import { postmortemPage } from '../src/report/postmortem/page.ts';
import { reportPage } from '../src/report/report.ts';
import { utcTime } from '../src/report/when.ts';
import { summaryOf } from '../src/report/summary.ts';
import { spec } from './oracle/spec.ts';
import { writtenBySiaga } from './oracle/subject.ts';
import { world, type World } from './oracle/world.ts';

const worlds = 25;
const seed = Number(process.env['SIAGA_ORACLE_SEED'] ?? 1);

/** What the events of a run say of an incident, read as plainly as possible and by nothing of `src/`. */
interface Truth {
  readonly id: string;
  readonly severity: string;
  readonly highest: string;
  /** Of each time it was open. */
  readonly times: readonly {
    readonly opened: string;
    readonly mitigated: string | null;
    readonly recovered: string | null;
    readonly closed: boolean;
    readonly highest: string;
    readonly now: string;
  }[];
  readonly signals: readonly string[];
  /** Sequences of the events that tell of it. */
  readonly events: readonly number[];
}

type Entry = IncidentTransition & { readonly seq: number };

const iso = (at: number): string => new Date(at).toISOString();

function entriesIn(events: readonly SiagaEvent[]): ReadonlyMap<string, readonly Entry[]> {
  const known = new Map<string, Entry[]>();
  const add = (transition: IncidentTransition | undefined, seq: number) => {
    if (transition === undefined) return;
    const own = known.get(transition.incident) ?? [];
    if (own.some(({ ordinal }) => ordinal === transition.ordinal)) return;
    known.set(
      transition.incident,
      [...own, { ...transition, seq }].toSorted((a, b) => a.ordinal - b.ordinal),
    );
  };
  for (const { type, data, seq } of events) {
    if (type === 'incident.transition') add(data, seq);
    if (type === 'incident.noticed') add(data.transition, seq);
    if (type === 'incident.resumed') for (const each of data.earlier ?? []) add(each, seq);
  }
  return known;
}

const opens = ({ change }: Entry): boolean => change.kind === 'declared' || change.kind === 'reopened';

function truthOf(id: string, entries: readonly Entry[]): readonly Truth[] {
  const starts = entries.flatMap((entry, index) => (opens(entry) ? [index] : []));
  if (starts.length === 0) return [];
  const severities = (own: readonly Entry[]) =>
    own.flatMap(({ change }) => ('severity' in change ? [change.severity] : []));
  const timeOf = (own: Entry | undefined) => (own ? iso(own.effectiveAt) : null);
  const told = severities(entries);
  return [
    {
      id,
      severity: told.at(-1) ?? '',
      highest: told.toSorted()[0] ?? '',
      times: starts.map((start, index) => {
        const own = entries.slice(start, starts[index + 1]);
        return {
          opened: timeOf(own[0]) ?? '',
          mitigated: timeOf(own.find(({ change }) => change.kind === 'mitigated')),
          recovered: timeOf(own.find(({ change }) => change.kind === 'recovered')),
          closed: own.some(({ change }) => change.kind === 'closed'),
          highest: severities(own).toSorted()[0] ?? '',
          now: severities(own).at(-1) ?? '',
        };
      }),
      signals: [...new Set(entries.flatMap(({ change }) => ('by' in change ? [change.by.signal] : [])))],
      events: [...new Set(entries.map(({ seq }) => seq))],
    },
  ];
}

const truthsIn = (events: readonly SiagaEvent[]): readonly Truth[] =>
  [...entriesIn(events)].flatMap(([id, entries]) => truthOf(id, entries));

const severitiesIn = (text: string): readonly string[] => [...new Set(text.match(/SEV-\d/g) ?? [])];

const byId = <T extends { readonly id: string }>(own: readonly T[]) =>
  own.toSorted((a, b) => (a.id < b.id ? -1 : 1));

/** The same as each document says it; only what it says of every incident. */
function expectOneTruth(events: readonly SiagaEvent[]): void {
  const truths = truthsIn(events);
  const envelope = envelopeOf(events, { command: 'check', now: 0 });
  const report = foldReport(events);
  expect(byId(envelope.incidents.map(inEnvelope)), 'envelope').toEqual(
    byId(
      truths.map(({ id, severity, highest, times, signals, events: seqs }) => ({
        id,
        severity,
        highest,
        declared: times[0]?.opened,
        mitigated: times.at(-1)?.mitigated,
        recovered: times.at(-1)?.recovered,
        signals,
        events: seqs,
      })),
    ),
  );
  const summary = summaryOf(report) as unknown as Summary;
  expect(byId(summary.incidents.map(inSummary)), 'summary').toEqual(
    byId(
      truths.map(({ id, severity, highest, times, signals }) => ({
        id,
        severity,
        highest,
        signals,
        state: stateOf(times.at(-1)),
        times: times.map(({ opened, mitigated, recovered }) => ({ opened, mitigated, recovered })),
      })),
    ),
  );
  const live = events.reduce(advance, beginning).incident;
  const shown = truths.find(({ id }) => id === live?.id);
  expect([live?.severity, live && hasEnded(live.phase)], 'live view').toEqual([
    shown?.severity,
    shown && stateOf(shown.times.at(-1)) !== 'open',
  ]);
  const page = reportPage(report).blocks;
  const postmortem = postmortemPage(report).blocks;
  for (const truth of truths) {
    expectReport(page, truth);
    expectPostmortem(postmortem, truth);
  }
  for (const finding of envelope.results) {
    if (finding.kind !== 'incident') continue;
    const truth = truths.find(({ id }) => id === finding.name);
    const line = [
      `<testcase classname="siaga.incident" name="${finding.name}"`,
      `siaga incident ${finding.name}::`,
    ];
    expect(severitiesIn(finding.reason), 'result').toEqual([truth?.highest]);
    for (const text of [junit(envelope), annotations(envelope).join('\n'), stepSummary(envelope)]) {
      const own = text.split(/(?=<testcase )|\n/).filter((each) => each.includes(finding.name));
      expect(severitiesIn(own.join('\n')), line[0]).toEqual([truth?.highest]);
    }
  }
}

const hasEnded = (phase: IncidentPhase): boolean => phase === 'recovered' || phase === 'closed';

const stateOf = (last: Truth['times'][number] | undefined): string => {
  if (last?.recovered) return 'recovered';
  return last?.closed === true ? 'closed' : 'open';
};

interface Summary {
  readonly incidents: readonly {
    readonly id: string;
    readonly severity: string;
    readonly highestSeverity: string;
    readonly signals: readonly string[];
    readonly state: string;
    readonly episodes: readonly {
      readonly declaredAt: string;
      readonly mitigatedAt: string | null;
      readonly recoveredAt: string | null;
    }[];
  }[];
}

const inEnvelope = ({
  incident: id,
  severity,
  highestSeverity: highest,
  declaredAt: declared,
  mitigatedAt: mitigated,
  recoveredAt: recovered,
  signals,
  events,
}: ReturnType<typeof envelopeOf>['incidents'][number]) => ({
  id,
  severity,
  highest,
  declared,
  mitigated,
  recovered,
  signals,
  events,
});

const inSummary = ({
  id,
  severity,
  highestSeverity: highest,
  signals,
  state,
  episodes,
}: Summary['incidents'][number]) => ({
  id,
  severity,
  highest,
  signals,
  state,
  times: episodes.map(({ declaredAt: opened, mitigatedAt: mitigated, recoveredAt: recovered }) => ({
    opened,
    mitigated,
    recovered,
  })),
});

const textOf = (piece: Inline): string => {
  if (typeof piece === 'string') return piece;
  return piece.kind === 'cite' ? piece.seqs.map((seq) => `#${seq}`).join(' ') : piece.text;
};

/** The blocks under each heading of a level that names an incident. */
function under(blocks: readonly Block[], level: number, id: string): readonly (readonly Block[])[] {
  const found: Block[][] = [];
  let open = false;
  for (const block of blocks) {
    if (block.kind === 'heading' && block.level <= level) {
      open = block.level === level && block.text.includes(id);
      if (open) found.push([]);
    }
    if (open) found.at(-1)?.push(block);
  }
  return found;
}

function linesOf(block: Block): readonly string[] {
  switch (block.kind) {
    case 'heading':
      return [block.text];
    case 'paragraph':
      return [block.line.map(textOf).join('')];
    case 'list':
      return block.items.map((line) => line.map(textOf).join(''));
    case 'table':
      return block.rows.map(({ cells }) => cells.map((line) => line.map(textOf).join('')).join(' | '));
    default:
      return [];
  }
}

function expectReport(blocks: readonly Block[], { id, highest, times, signals, events }: Truth): void {
  const [section = []] = under(blocks, 3, id);
  expect(severitiesIn(linesOf(section[0]!).join('')), 'heading of the report').toEqual([highest]);
  const changes = section.find(({ kind }) => kind === 'table');
  const cited = changes?.kind === 'table' ? changes.rows.flatMap(({ cells }) => cells[2] ?? []) : [];
  expect([...new Set(cited.map(textOf))], 'changes in the report').toEqual(events.map((seq) => `#${seq}`));
  const rows = under(blocks, 2, 'At a glance')
    .flat()
    .flatMap(linesOf)
    .filter((line) => line.includes(id));
  const glance = rows.find((line) => line.includes('declared')) ?? '';
  expect(severitiesIn(glance), 'at a glance').toEqual([highest]);
  const opened = times.length === 1 ? 'declared once' : `declared ${times.length} times`;
  expect(glance, 'at a glance').toContain(opened);
  for (const signal of signals) expect(glance).toContain(signal);
}

/** A section for each time it was open, with that time's severity and clock times. */
function expectPostmortem(blocks: readonly Block[], { id, times }: Truth): void {
  const sections = under(blocks, 2, id);
  expect(sections.length, 'sections of the postmortem').toBe(times.length);
  times.forEach(({ opened, recovered, highest }, index) => {
    const timeline = sections[index]?.find(({ kind }) => kind === 'table');
    const lines = timeline === undefined ? [] : linesOf(timeline);
    expect(severitiesIn(lines.join('\n')), 'severity in the postmortem').toEqual([highest]);
    expect(
      lines.find((line) => line.includes('detected')),
      'detected',
    ).toContain(utcTime(Date.parse(opened)));
    const end = recovered === null ? 'unknown' : utcTime(Date.parse(recovered));
    expect(
      lines.find((line) => line.includes('verified')),
      'resolved',
    ).toContain(end);
  });
}

/** What a message names is what was true after the last change that it tells. */
function expectMessage(log: readonly SiagaEvent[], { data, run, seq }: EventOf<'message.requested'>): void {
  const entries = entriesIn(log.filter((event) => event.seq < seq)).get(data.incident) ?? [];
  const told = entries.filter(({ ordinal }) => ordinal <= (data.through ?? data.transition));
  const last = truthOf(data.incident, told)[0]?.times.at(-1);
  const isOver = ['RECOVERED', 'CLOSED', 'COMBINED'].includes(data.template);
  expect(/SEV-\d/.exec(data.text)?.[0], `${data.template}: ${data.text}`).toBe(
    isOver ? last?.highest : last?.now,
  );
  if (data.inForce === undefined) return;
  // What was held back for a while is told as it was then: any moment since the message before.
  const before = log
    .filter((event) => event.seq < seq)
    .flatMap((event) =>
      event.type === 'message.requested' && event.data.incident === data.incident
        ? [event.data.through ?? event.data.transition]
        : [],
    );
  const since = told.find(({ ordinal }) => ordinal > Math.max(0, ...before))?.seq ?? told.at(-1)?.seq ?? 0;
  const reads = log.flatMap((event) =>
    event.run === run && event.seq < seq && event.type === 'toggle.read' ? [event] : [],
  );
  const known = reads.filter(
    (read, index) => read.seq > since || index === reads.findLastIndex((one) => one.seq < since),
  );
  const values = known.map((read) =>
    Object.fromEntries(read.data.abnormal.map(({ name, got }) => [name, got])),
  );
  expect(known.length === 0 ? [data.inForce] : values).toContainEqual(data.inForce);
}

/** What may be written of an experiment, in this order; anything may be missing, and the run may end at any time. */
const anExperiment = fc.record({
  name: fc.constantFrom('provider-down', 'slow-database'),
  faults: fc.array(
    fc.record({ declared: fc.boolean(), life: fc.integer({ min: 0, max: 4 }), proven: fc.boolean() }),
    { maxLength: 3 },
  ),
  settled: fc.array(fc.constantFrom('met', 'broken', 'unknown', 'open'), { maxLength: 3 }),
  verdict: fc.constantFrom('held', 'weakness', 'inconclusive', 'rollback-failed', undefined),
});

type Told = typeof anExperiment extends fc.Arbitrary<infer T> ? T : never;

function experimentDrafts({ name, faults, settled, verdict }: Told, number: number): readonly Draft[] {
  const none = { n: 0, failed: 0, medianMs: 0 };
  const calls = { count: 0, errors: 0, meanMs: 0, overMs: 0 };
  const facts = faults.map((_, index) => ({
    fault: `f${number}.${index}`,
    proxy: 'coinapi',
    kind: 'down',
    attributes: {},
    stream: 'both' as const,
    toxicity: 1,
    forMs: 1_000,
  }));
  const expectations = settled.map((_, index) => ({
    id: `e${index}`,
    text: `expectation ${index}`,
    stage: 'during' as const,
    mode: 'within' as const,
  }));
  const drafts: readonly (Draft | undefined)[] = [
    {
      type: 'experiment.started',
      data: {
        name,
        requirements: [],
        hypothesis: 'it holds',
        expects: [],
        faults: facts.filter((_, index) => faults[index]?.declared),
        expectations,
      },
    },
    ...facts.flatMap((each, index): readonly (Draft | undefined)[] => {
      const { fault, proxy } = each;
      const { life = 0, proven = false } = faults[index] ?? {};
      const plan = { experiment: name, toxiproxy: 'http://t', expiresAt: 1 };
      return [
        { type: 'fault.planned', data: { ...each, ...plan } },
        { type: 'fault.injected', data: { fault, proxy, readBack: null } },
        {
          type: 'fault.proof',
          data: {
            fault,
            proven,
            why: 'asked',
            through: none,
            past: none,
            calls: { before: calls, during: calls },
          },
        },
        proven
          ? { type: 'fault.removed', data: { fault, proxy, by: 'runner', rung: 'toxic-deleted' } }
          : { type: 'fault.stuck', data: { fault, proxy, tried: ['toxic-deleted'] } },
      ].slice(0, life) as readonly Draft[];
    }),
    ...settled.map((outcome, index): Draft | undefined =>
      outcome === 'open'
        ? undefined
        : {
            type: 'expectation.settled',
            data: {
              experiment: name,
              expectation: `e${index}`,
              outcome,
              got: outcome,
              allowed: 'met',
              evidence: [],
            },
          },
    ),
    verdict && { type: 'experiment.finished', data: { name, verdict, reasons: [verdict], timings: {} } },
  ];
  return drafts.filter((draft) => draft !== undefined);
}

const begun = writtenOf([
  {
    type: 'run.started',
    data: {
      command: 'chaos run',
      subject: '',
      target: { name: 't', url: 'http://t' },
      drill: true,
      judge: spec,
      contacts: [],
      endpoints: [],
      versions: {},
      state: 'project',
      repeat: 'siaga chaos run',
    },
  },
]);

function writtenOf(drafts: readonly Draft[], from = 1): readonly SiagaEvent[] {
  return drafts.map((draft, index) => {
    const seq = from + index;
    return { v: 1, run: 'r', boot: 'b', mono: seq, at: seq * 1_000, seq, ...draft } as SiagaEvent;
  });
}

interface SummaryOfExperiment {
  readonly name: string;
  readonly verdict: string;
  readonly faults: readonly {
    readonly fault: string;
    readonly injectedSeq: number | null;
    readonly proven: boolean | null;
    readonly removedBy: string | null;
    readonly stuck: boolean;
  }[];
  readonly expectations: readonly { readonly id: string; readonly outcome: string; readonly got: string }[];
}

const named: Readonly<Record<string, string>> = { open: 'unknown', unfinished: 'aborted' };

/** What the envelope says of experiments, and the report: of faults, those that were both declared and planned. */
function experimentsIn(events: readonly SiagaEvent[]) {
  const { results } = envelopeOf(events, { command: 'chaos run', now: 0 });
  const published = results.filter((result) => result.kind === 'experiment');
  const { experiments } = summaryOf(foldReport(events)) as unknown as {
    readonly experiments: readonly SummaryOfExperiment[];
  };
  const declared = new Set(published.flatMap(({ faults }) => faults.map(({ fault }) => fault)));
  const planned = new Set(experiments.flatMap(({ faults }) => faults.map(({ fault }) => fault)));
  return {
    envelope: published.map(({ name, verdict, expectations, faults }) => ({
      name,
      verdict,
      expectations: expectations.map(({ id, outcome }) => [id, outcome]),
      faults: faults
        .filter(({ fault }) => planned.has(fault))
        .map(({ fault, injected, proof, removedBy }) => [fault, injected, proof?.proven ?? null, removedBy]),
    })),
    report: experiments.map(({ name, verdict, expectations, faults }) => ({
      name,
      verdict: named[verdict] ?? verdict,
      expectations: expectations.map(({ id, outcome }) => [id, named[outcome] ?? outcome]),
      faults: faults
        .filter(({ fault }) => declared.has(fault))
        .map(({ fault, injectedSeq, proven, removedBy }) => [fault, injectedSeq !== null, proven, removedBy]),
    })),
  };
}

describe('one truth', () => {
  it('envelope and report name the same verdict, faults and expectations of every experiment', () => {
    fc.assert(
      fc.property(fc.array(anExperiment, { maxLength: 3 }), fc.nat({ max: 12 }), (experiments, cut) => {
        const drafts = experiments.flatMap(experimentDrafts);
        const kept = drafts.slice(0, Math.max(0, drafts.length - cut));
        const { envelope, report } = experimentsIn([...begun, ...writtenOf(kept, 2)]);
        expect(envelope).toEqual(report);
      }),
      { seed },
    );
  });

  it(
    'every document and every message names the same severity, times, counts and actions',
    { timeout: 120_000 },
    async () => {
      const templatesSeen = new Set<string>();
      const agree = async (each: World) => {
        const log = await writtenBySiaga(each);
        for (const [, events] of Map.groupBy(log, ({ run }) => run)) expectOneTruth(events);
        for (const event of log) {
          if (event.type !== 'message.requested') continue;
          expectMessage(log, event);
          templatesSeen.add(event.data.template);
        }
      };
      const found = await fc.check(fc.asyncProperty(world, agree), { numRuns: worlds, seed });
      // A world is thousands of events: what disagreed in it is said, with the seed that makes it again.
      expect(found.errorInstance, `seed ${found.seed}, path ${found.counterexamplePath}`).toBeNull();
      expect([...templatesSeen].toSorted()).toEqual(templates);
    },
  );
});

// Each must have been compared.
const templates = ['CLOSED', 'COMBINED', 'DEGRADED', 'DIGEST', 'MITIGATED-STABLE', 'RECOVERED', 'UPDATE'];
