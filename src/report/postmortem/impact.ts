import { formatMs } from '../../kernel/duration.ts';
import { formatRatio } from '../../kernel/percent.ts';
import type { RequestCounts } from '../../event/history.ts';
import type { JudgeSpec } from '../../event/specs.ts';
import { holds } from '../../runbook/holds.ts';
import { specFor } from '../../runbook/roles.ts';
import type { EndpointRow } from '../../projection/endpoints.ts';
import type { Impact } from '../../projection/impact.ts';
import { bullets, cite, mark } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import { plural } from '../../kernel/plural.ts';
import { compressed, symptomLines } from '../section/common.ts';
import { zoneTime } from '../when.ts';
import { closedWords } from '../words-incident.ts';
import { usersWords } from '../incident-page.ts';
import type { Case } from './context.ts';

export function impactList(of: Case): Block {
  const { episode, report } = of;
  return bullets([
    durationLine(of),
    ...requestLines(of),
    ...endpointLines(of),
    ...symptomLines(episode, report, sinceStart(of)),
    affectedUsers(of),
    ['Data impact: ', unknown('no event shows it; check before this is final')],
    ['Business impact: ', unknown('no event shows it')],
  ]);
}

function affectedUsers({ incident: { record } }: Case): Line {
  const { users } = record;
  return users === undefined
    ? ['Affected users: ', unknown('nothing measured tells users apart')]
    : [`Affected users: ${usersWords(users)} (${users.by}) `, cite(users.seq)];
}

const unknown = (why: string) => mark('unknown', `unknown: ${why}`);

function durationLine({ impact, containment, episode, report }: Case): Line {
  const { started, endedAt } = impact;
  const end = episode.recovered;
  if (episode.closed !== undefined)
    return [
      `Duration: ${formatMs(endedAt - started.at)} until it was closed: ${closedWords(episode.closed.because)} `,
      cite(started.seq, episode.closed.seq),
    ];
  if (end === undefined)
    return ['Duration: ', unknown('still open when the run ended'), ' ', cite(started.seq)];
  const contained: Line = containment
    ? [`; mitigated after ${formatMs(containment.at - started.at)}`, ...compressed(report)]
    : ['; not mitigated before its cause was gone'];
  return [
    `Duration: ${formatMs(endedAt - started.at)}`,
    ...compressed(report),
    ' from start to RECOVERED',
    ...contained,
    ' ',
    cite(started.seq, ...(containment ? [containment.seq] : []), end.seq),
  ];
}

// The window that messages quote may be longer than the incident was old.
function sinceStart({ episode, impact }: Case): string {
  const age = episode.opened.at - impact.started.at;
  const { windowMs } = episode.symptoms.opened;
  return age >= 0 && age < windowMs ? `, the last ${formatMs(age)} of them since its start` : '';
}

/** All of it, at its worst, and while it lasted: good minutes of the hold dilute a rate. */
function requestLines({ impact, report }: Case): readonly Line[] {
  const { total, peak, degraded, evidence, earlier, answers } = impact;
  const failed = answers.filter(({ errors }) => errors > 0);
  if (total.errors === 0 && failed.length > 0) return [atLeast(impact, failed), ...leftOut(impact)];
  if (total.requests === 0) return [['Failed requests: ', unknown('none were counted')], ...leftOut(impact)];
  const runs = earlier ? ` in this run and ${plural(earlier.runs.length, 'run')} before it` : '';
  const lines: Line[] = [
    [
      `Failed requests: ${total.errors} of the ${total.requests} that we sent${runs} (${formatRatio(total.errors / total.requests)}); those of others are unknown `,
      cite(...evidence),
    ],
  ];
  if (total.errors > 0 && degraded.requests > 0)
    lines.push([
      `While it was not mitigated (${formatMs(degraded.ms)}`,
      ...compressed(report),
      `): ${share(degraded)}`,
    ]);
  if (peak)
    lines.push([
      `At its worst: ${share(peak)}, in the ${formatMs(report.run.judge.bucketMs)}`,
      ...compressed(report),
      ` from ${zoneTime(peak.from, report.run.judge.zone)}`,
    ]);
  if (failed.length > 0)
    lines.push([
      `Besides, at least ${answerWords(failed)} in answers to checks that are not counted above `,
      cite(...failed.flatMap((row) => row.evidence)),
    ]);
  return [...lines, ...leftOut(impact)];
}

/** What failed in batches that cannot be counted is known from the answers to checks. */
function atLeast({ total, earlier }: Impact, failed: Impact['answers']): Line {
  const runs = earlier ? ` in this run and ${plural(earlier.runs.length, 'run')} before it` : '';
  const others = `; of the ${plural(total.requests, 'request')} that were counted${runs} none`;
  return [
    `Failed requests: at least ${answerWords(failed)} in answers to checks${total.requests > 0 ? others : ''}; those of others are unknown `,
    cite(...failed.flatMap(({ evidence }) => evidence)),
  ];
}

function answerWords(rows: Impact['answers']): string {
  const sum = rows.reduce((all, { errors }) => all + errors, 0);
  return `${sum} (${rows.map(({ endpoint, errors }) => `${endpoint} ${errors}`).join(', ')})`;
}

/** What is not in the figures, and why. */
function leftOut({ restarts, across, partial }: Impact): readonly Line[] {
  const lines: Line[] = [];
  if (restarts.requests > 0)
    lines.push([
      `Besides, ${share(restarts)} while Siaga restarted the system to set toggles: not counted above`,
    ]);
  if (across.requests > 0)
    lines.push([
      `Not counted: ${plural(across.requests, 'request')}, written down in batches that lie across its start or end`,
    ]);
  if (partial)
    lines.push([
      mark('unknown', 'Earlier runs saw this incident too; what they measured is not in these events'),
    ]);
  return lines;
}

function share({ requests, errors }: Pick<RequestCounts, 'requests' | 'errors'>): string {
  return `${errors} of ${requests} failed (${formatRatio(errors / requests)})`;
}

function endpointLines({ impact, report }: Case): readonly Line[] {
  const { rows, evidence } = impact;
  const hit = rows.filter((row) => isHit(row, report.run.judge));
  const beside = answerLines(impact, hit);
  if (hit.length + beside.length > 0) return [...hitLines(hit), ...beside];
  if (rows.length === 0) return [['Endpoints: ', unknown('no request was measured in this time')]];
  return [['Endpoints: none failed or was over a threshold in this time ', cite(...evidence)]];
}

/** Endpoints of which only the answers to their checks tell that they failed. */
function answerLines({ answers }: Impact, hit: readonly EndpointRow[]): readonly Line[] {
  const others = answers.filter(({ endpoint }) => !hit.some((row) => row.endpoint === endpoint));
  return others.map(({ endpoint, errors, wrong, evidence }) => {
    const failed = errors === 0 ? [] : [`at least ${errors} failed`];
    const bad = wrong === 0 ? [] : [`${plural(wrong, 'answer')} to its check wrong or too slow`];
    return [`${endpoint}: ${[...failed, ...bad].join(', ')} `, cite(...evidence)];
  });
}

function hitLines(hit: readonly EndpointRow[]): readonly Line[] {
  return hit.map((row) => [
    `${row.endpoint} (${row.source}): ${row.requests === 0 ? 'failures unknown' : share(row)}`,
    row.p95 === null ? ' ' : `, p95 ${formatMs(row.p95)} `,
    cite(...row.evidence),
  ]);
}

function isHit({ errors, p95 }: EndpointRow, judge: JudgeSpec): boolean {
  const latency = specFor(judge, 'latency');
  return errors > 0 || (p95 !== null && latency !== undefined && holds(latency.trigger, p95));
}
