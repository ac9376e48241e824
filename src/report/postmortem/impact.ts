import { formatMs } from '../../kernel/duration.ts';
import { formatRatio } from '../../kernel/percent.ts';
import { bullets, cite, mark } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import { holds } from '../../runbook/condition.ts';
import type { EndpointRow } from '../model.ts';
import { compressed } from '../section/common.ts';
import { symptomWords } from '../words-incident.ts';
import type { Case } from './context.ts';

export function impact(of: Case): Block {
  const { episode, report } = of;
  const { opened, symptoms, recovered } = episode;
  return bullets([
    durationLine(of),
    ...endpointLines(of),
    failedRequests(of),
    ['When declared: ', symptomWords(symptoms.opened), ...compressed(report), ' ', cite(opened.seq)],
    ...(recovered && symptoms.recovered
      ? [
          [
            'When RECOVERED: ',
            symptomWords(symptoms.recovered),
            ...compressed(report),
            ' ',
            cite(recovered.seq),
          ],
        ]
      : []),
    ['Affected users: ', unknown('nothing measured tells users apart')],
    ['Data impact: ', unknown('no event tells; check before this is final')],
    ['Business impact: ', unknown('no event tells')],
  ]);
}

const unknown = (why: string) => mark('unknown', `unknown: ${why}`);

function durationLine({ started, endedAt, episode, report }: Case): Line {
  const end = episode.recovered;
  if (end === undefined)
    return ['Duration: ', unknown('still open when the run ended'), ' ', cite(started.seq)];
  return [
    `Duration: ${formatMs(endedAt - started.at)}`,
    ...compressed(report),
    ' from start to RECOVERED, of it ',
    episode.mitigated === undefined ? 'unknown' : formatMs(episode.mitigated.at - started.at),
    ...compressed(report),
    ' until it was contained ',
    cite(started.seq, ...(episode.mitigated ? [episode.mitigated.seq] : []), end.seq),
  ];
}

function endpointLines({ endpoints, report }: Case): readonly Line[] {
  const hit = endpoints.filter((row) => isHit(row, report.run.judge.signals));
  if (endpoints.length === 0) return [['Endpoints: ', unknown('no request was measured in this time')]];
  if (hit.length === 0) {
    const seqs = endpoints.flatMap(({ evidence }) => evidence);
    return [['Endpoints: none failed or was over a threshold in this time ', cite(...seqs)]];
  }
  return hit.map(({ endpoint, source, p95, requests, errors, evidence }) => [
    `${endpoint} (${source}): ${errors} of ${requests} failed`,
    requests > 0 ? ` (${formatRatio(errors / requests)})` : '',
    p95 === null ? ' ' : `, p95 ${formatMs(p95)} `,
    cite(...evidence),
  ]);
}

type Signals = Case['report']['run']['judge']['signals'];

function isHit({ errors, p95 }: EndpointRow, signals: Signals): boolean {
  const latency = signals.find(({ name }) => name === 'rest.latency');
  return errors > 0 || (p95 !== null && latency !== undefined && holds(latency.trigger, p95));
}

function failedRequests({ endpoints }: Case): Line {
  const failed = endpoints.reduce((sum, { errors }) => sum + errors, 0);
  const all = endpoints.reduce((sum, { requests }) => sum + requests, 0);
  if (all === 0) return ['Failed requests: ', unknown('none were counted')];
  const seqs = endpoints.flatMap(({ evidence }) => evidence);
  return [
    `Failed requests: ${failed} of the ${all} that we sent; those of others are unknown `,
    cite(...seqs),
  ];
}
