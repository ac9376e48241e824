import { cite, heading, mark, table } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import { findingWords } from '../../projection/findings.ts';
import { isLost } from '../../projection/messages.ts';
import type { Episode } from '../../projection/model.ts';
import type { Report } from '../model.ts';
import { toneOf, gravestFirst } from '../words.ts';
import { closedWords } from '../words-incident.ts';
import { plural } from '../../kernel/plural.ts';
import { timingLine } from './common.ts';

/** Each part's verdict on one screen. */
export function glanceSection(report: Report): readonly Block[] {
  const experiments = report.experiments.length === 0 ? [] : [experimentTable(report)];
  const rows = [
    ...checkRow(report),
    ...findingRows(report),
    ...loadRows(report),
    ...partRows(report),
    ...incidentRows(report),
    ...messageRow(report),
  ];
  return [
    heading(2, 'At a glance'),
    ...experiments,
    ...(rows.length === 0 ? [] : [table(['Part', 'Verdict', 'Figures'], rows)]),
  ];
}

function experimentTable(report: Report): Block {
  return table(
    ['Experiment', 'Verdict', 'Detect', 'Mitigate', 'Recover', 'Expectations'],
    gravestFirst(report.experiments).map(({ name, verdict, timings, settled, finishedSeq, seq }): Line[] => [
      [name],
      [mark(toneOf(verdict), verdict), ' ', cite(finishedSeq ?? seq)],
      timingLine(timings.detect, report),
      timingLine(timings.contain, report),
      timingLine(timings.recover, report),
      [`${settled.filter(({ outcome }) => outcome === 'met').length} of ${settled.length} met`],
    ]),
  );
}

function checkRow({ checks, failures, experiments }: Report): readonly Row[] {
  if (checks.length === 0) return [];
  const ran = checks.reduce((sum, { n }) => sum + n, 0);
  const seqs = checks.flatMap(({ evidence }) => evidence);
  const unclear = checks.reduce((sum, { inconclusive }) => sum + inconclusive, 0);
  const outside = failures.reduce((sum, { count, drilled }) => sum + count - drilled, 0);
  const drilled = failures.reduce((sum, failure) => sum + failure.drilled, 0);
  // In a drill checks fail on purpose, and while toggles restart the system: the experiments judge them.
  const verdict =
    experiments.length > 0 && outside + drilled > 0
      ? mark('plain', 'judged by the experiments')
      : hasFailed(checks, outside)
        ? mark('bad', 'failed')
        : clarity(checks, unclear);
  const ours = failures.reduce((sum, { restarts }) => sum + restarts, 0);
  const restarting = ours === 0 ? '' : `, ${ours} while Siaga restarted the system`;
  const inside = experiments.length === 0 ? '' : ` outside experiments, ${drilled} in them`;
  const text = `${plural(checks.length, 'check')}, ${plural(ran, 'time')}; ${plural(outside, 'violation')}${inside}${restarting}, ${unclear} inconclusive`;
  return [{ cells: [['Checks'], [verdict], [text, ' ', cite(...seqs)]] }];
}

/** A round judges a check over all of its answers; else any that failed counts. */
function hasFailed(checks: Report['checks'], outside: number): boolean {
  return checks.every(({ judged }) => judged !== undefined)
    ? checks.some(({ judged }) => judged === 'failed')
    : outside > 0;
}

function clarity(checks: Report['checks'], unclear: number): Line[number] {
  if (checks.some(({ n, inconclusive }) => n === inconclusive)) return mark('unknown', 'inconclusive');
  return unclear > 0 ? mark('unknown', 'passed, some inconclusive') : mark('good', 'passed');
}

/** Incidents have rows of their own. */
function findingRows({ findings }: Report): readonly Row[] {
  const others = findings.filter(({ kind }) => kind !== 'incident');
  return others.map(({ kind, name, outcome, seq, ...found }) => {
    const title = `${kind[0]?.toUpperCase()}${kind.slice(1)}`;
    const verdict = mark(toneOf(outcome), outcome);
    const part = kind === name || kind + 's' === name ? title : `${title} ${name}`;
    return { cells: [[part], [verdict], [`${findingWords(found)} `, cite(seq)]] };
  });
}

function loadRows({ loads, experiments }: Report): readonly Row[] {
  return loads.map(({ started, finished, seq }) => {
    if (finished === undefined)
      return { cells: [[`Load ${started.load}`], [mark('unknown', 'no end')], [cite(seq)]] };
    const failed = finished.endpoints.reduce((sum, { errors }) => sum + errors, 0);
    const text = `${plural(finished.requests, 'request')}, ${failed} failed, ${plural(finished.exceptions, 'exception')}, ${finished.dropped} dropped`;
    // Beside experiments a load is the traffic, not what is judged.
    const isTraffic = experiments.length > 0 && finished.outcome === 'passed';
    const verdict = isTraffic
      ? mark('plain', 'ran as planned')
      : mark(toneOf(finished.outcome), finished.outcome);
    return {
      cells: [[`Load ${started.load}`], [verdict], [text, ' ', cite(finished.seq)]],
    };
  });
}

// What the other rows cannot tell of a gate: its candidate as it ended, and what was not run.
function partRows({ parts }: Report): readonly Row[] {
  const candidate = parts.findLast(({ part }) => part === 'candidate');
  const unreported = parts.filter((each) =>
    each.part === 'candidate' ? each === candidate : each.outcome === 'not-run',
  );
  return unreported.map(({ part, outcome, reason, seq }) => {
    const verdict = outcome === 'not-run' ? mark('unknown', 'not run') : mark(toneOf(outcome), outcome);
    return { cells: [[`Gate: ${part}`], [verdict], [`${reason} `, cite(seq)]] };
  });
}

function statusOf(last: Episode | undefined): readonly [tone: 'good' | 'warn' | 'bad', status: string] {
  if (last?.recovered !== undefined) return ['good', 'RECOVERED'];
  if (last?.closed !== undefined) return ['warn', `closed: ${closedWords(last.closed.because)}`];
  return last?.stable === undefined ? ['bad', 'open'] : ['warn', 'MITIGATED-STABLE'];
}

function incidentRows({ incidents }: Report): readonly Row[] {
  return incidents.map(({ id, severity, episodes, signals, drill }) => {
    const last = episodes.at(-1);
    const [tone, status] = statusOf(last);
    const seqs = episodes.flatMap(({ opened, recovered }) => [
      opened.seq,
      ...(recovered ? [recovered.seq] : []),
    ]);
    return {
      cells: [
        [`${drill ? '[DRILL] ' : ''}${id}`],
        [mark(tone, status)],
        [
          `${severity.highest}, declared ${episodes.length === 1 ? 'once' : `${episodes.length} times`}, ${signals.join(', ')} `,
          cite(...seqs),
        ],
      ],
    };
  });
}

function messageRow({ messages }: Report): readonly Row[] {
  const wanted = messages.filter((message) => message.delivered || isLost(message));
  if (wanted.length === 0) return [];
  const arrived = wanted.filter(({ delivered }) => delivered !== undefined).length;
  const tone = arrived === wanted.length ? 'good' : 'bad';
  const seqs = wanted.map(({ seq, delivered, dead }) => delivered?.seq ?? dead?.seq ?? seq);
  return [
    { cells: [['Messages'], [mark(tone, `${arrived} of ${wanted.length} delivered`)], [cite(...seqs)]] },
  ];
}
