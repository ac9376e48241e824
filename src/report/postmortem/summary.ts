import { formatMs } from '../../kernel/duration.ts';
import { formatRatio } from '../../kernel/percent.ts';
import type { Containment } from '../../projection/containment.ts';
import type { Impact } from '../../projection/impact.ts';
import { cite } from '../document/build.ts';
import type { Line } from '../document/types.ts';
import { compressed } from '../section/common.ts';
import { faultWords } from '../words.ts';
import { closedWords, firingWords } from '../words-incident.ts';
import type { Case } from './context.ts';
import type { Improvement } from './lessons.ts';

/** Three sentences: what users felt and for how long, why, and what is done about it. */
export function inShort(of: Case, better: readonly Improvement[]): readonly Line[] {
  return [felt(of), why(of), done(of, better)];
}

/** What users felt, as a title says it. */
export function wereFelt({ total, degraded, answers }: Impact): string {
  if (total.errors > 0) return `${shareOf(degraded.errors > 0 ? degraded : total)} of requests failed`;
  if (answers.some(({ errors }) => errors > 0)) return 'requests failed';
  return total.requests > 0 ? 'no request failed' : 'requests unknown';
}

const shareOf = ({ requests, errors }: { readonly requests: number; readonly errors: number }): string =>
  formatRatio(errors / requests);

function felt(of: Case): Line {
  const { impact, report } = of;
  const { total, degraded, answers, evidence } = impact;
  const over = degraded.errors > 0 ? degraded : total;
  const failed = answers.reduce((sum, { errors }) => sum + errors, 0);
  const users: Line =
    total.errors > 0
      ? [
          `${over.errors} of ${over.requests} requests failed (${shareOf(over)})`,
          ...(over === degraded ? [` in ${formatMs(degraded.ms)}`, ...compressed(report)] : []),
        ]
      : failed > 0
        ? [`at least ${failed} requests failed, seen in answers to checks`]
        : total.requests > 0
          ? [`none of the ${total.requests} requests that we sent failed`]
          : ['whether their requests failed is unknown, none were counted'];
  return ['Users: ', ...users, ...lasted(of), '. ', cite(...evidence)];
}

function lasted({ episode, impact, report }: Case): Line {
  const { started, endedAt } = impact;
  if (episode.closed !== undefined)
    return [`; closed, not RECOVERED: ${closedWords(episode.closed.because)}`];
  if (episode.recovered === undefined) return ['; still open when the run ended'];
  return [`; RECOVERED ${formatMs(endedAt - started.at)}`, ...compressed(report), ' after it began'];
}

function why({ faults, episode, report, incident: { record } }: Case): Line {
  if (record.cause !== undefined) return [`Cause: ${record.cause.text}. `, cite(record.cause.seq)];
  const [fault] = faults;
  if (fault?.injected !== undefined)
    return [`Cause: this drill’s own fault, ${faultWords(fault)}. `, cite(fault.injected.seq)];
  const sign = firingWords(episode.by, report.run.judge.signals);
  return [`Cause: unknown; the first sign was ${sign}. `, cite(episode.opened.seq)];
}

const hands: Readonly<Record<Containment['by'], string>> = {
  siaga: 'contained by toggles that Siaga set',
  person: 'contained by toggles that a person set',
  system: 'mitigated by the system itself',
  unknown: 'inside the limits again',
};

function done({ containment, impact, report, faults }: Case, [next]: readonly Improvement[]): Line {
  const contained: Line =
    containment === undefined
      ? [`nothing mitigated it${faults.length > 0 ? ' before its cause was gone' : ''}`]
      : [
          `${hands[containment.by]} after ${formatMs(containment.at - impact.started.at)}`,
          ...compressed(report),
        ];
  const action =
    next === undefined
      ? 'events show nothing to improve'
      : `to improve: ${next.action[0]?.toLowerCase()}${next.action.slice(1)}`;
  return [
    'Done: ',
    ...contained,
    `; ${action}.`,
    ...(containment === undefined ? [] : [' ', cite(containment.seq)]),
  ];
}
