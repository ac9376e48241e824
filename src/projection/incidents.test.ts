import { describe, expect, it } from 'vitest';
import type { Draft } from '../event/envelope.ts';
import type { IncidentTransition } from '../event/incident.ts';
import { envelopeOf } from '../export/envelope-of.ts';
import { foldReport } from '../report/fold.ts';
import { summaryOf } from '../report/summary.ts';
import { foldIncidents } from './incidents.ts';
import { openedHere } from './opened.ts';
import {
  changed,
  declared,
  errors,
  firing,
  mitigated,
  origin,
  recovered,
  reopened,
  second,
  started,
  tale,
} from './testing/tale.ts';

const joined = (severity: 'SEV-0' | 'SEV-1') =>
  ({ kind: 'signal-joined', severity, by: firing('db.gone') }) as const;

/** Declared SEV-2, worse, recovered, and open again as SEV-2. */
const restless = tale([
  started(),
  changed(1, declared('SEV-2')),
  changed(2, mitigated),
  changed(3, joined('SEV-1')),
  changed(4, recovered),
  changed(5, reopened('SEV-2')),
]);

describe('an incident', () => {
  const [incident] = foldIncidents(restless);

  it('has the severity it stands at, its highest, and the event that first said that', () => {
    expect(incident?.severity).toEqual({
      now: 'SEV-2',
      highest: 'SEV-1',
      reached: { at: origin + 3 * second, seq: 4 },
    });
    expect(incident?.episodes.map(({ severity }) => severity.highest)).toEqual(['SEV-1', 'SEV-2']);
  });

  it('has its times for each time that it was open', () => {
    const times = incident?.episodes.map(({ opened, mitigated: eased, recovered: ended }) => [
      opened.seq,
      eased?.seq,
      ended?.seq,
    ]);
    expect(times).toEqual([
      [2, 3, 5],
      [6, undefined, undefined],
    ]);
    expect(incident?.phase).toBe('degraded');
    expect(incident?.episodes.map(({ signals }) => signals)).toEqual([[errors, 'db.gone'], [errors]]);
  });

  it('is over where what it rested on has ended, though never RECOVERED', () => {
    const closed = { kind: 'closed', because: 'load-ended' } as const;
    const [over] = foldIncidents(tale([started(), changed(1, declared('SEV-2')), changed(2, closed)]));
    expect(over).toMatchObject({
      phase: 'closed',
      statusSpans: [{ name: 'degraded', to: origin + 2 * second }],
    });
    expect(over?.episodes[0]).toMatchObject({ recovered: undefined, closed: { seq: 3 } });
  });

  it('is raised by the run that makes it worse than since it was reopened, though it had been as bad before', () => {
    const earlier = restless.flatMap(({ type, data }) => (type === 'incident.transition' ? [data] : []));
    const resumed: Draft = { type: 'incident.resumed', data: { gapMs: 0, snapshot: null, earlier } };
    const later = tale([started(), resumed, changed(6, joined('SEV-1')), changed(7, joined('SEV-1'))]);
    expect(openedHere(later).map(({ data }) => data.ordinal)).toEqual([6]);
  });

  it('is raised also by one that saw it reopened before it was told of the rest', () => {
    const earlier = restless.flatMap(({ type, data }) => (type === 'incident.transition' ? [data] : []));
    const transition = earlier.at(-1)!;
    const noticed: Draft = { type: 'incident.noticed', data: { run: 'r0', seq: 1, during: 1, transition } };
    const resumed: Draft = { type: 'incident.resumed', data: { gapMs: 0, snapshot: null, earlier } };
    const later = tale([started(), noticed, resumed, changed(6, joined('SEV-1'))]);
    expect(openedHere(later).map(({ data }) => data.ordinal)).toEqual([6]);
  });

  it('is told once, whether its transitions are another run’s own or were noticed', () => {
    const first = changed(1, declared('SEV-2'));
    const data = first.data as IncidentTransition;
    const noticed: Draft = {
      type: 'incident.noticed',
      data: { run: 'r0', seq: 1, during: 1, transition: data },
    };
    const [told] = foldIncidents(tale([started(), first, noticed, noticed]));
    expect(told?.transitions).toHaveLength(1);
  });

  it('row 30: is told with one severity and the same times by envelope, report and summary', () => {
    const [told] = envelopeOf(restless, { command: 'check', now: 0 }).incidents;
    const report = foldReport(restless);
    const summary = summaryOf(report) as unknown as {
      readonly incidents: readonly {
        readonly severity: string;
        readonly episodes: readonly Record<string, unknown>[];
      }[];
    };
    const last = summary.incidents[0]?.episodes.at(-1);
    expect(told).toMatchObject({
      severity: 'SEV-2',
      highestSeverity: 'SEV-1',
      mitigatedAt: null,
      recoveredAt: null,
    });
    expect(summary.incidents[0]).toMatchObject({
      severity: 'SEV-2',
      highestSeverity: 'SEV-1',
      state: 'open',
    });
    expect([last?.['mitigatedAt'], last?.['recoveredAt']]).toEqual([told?.mitigatedAt, told?.recoveredAt]);
    expect(report.incidents[0]?.severity).toEqual(incident?.severity);
  });
});
