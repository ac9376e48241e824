import { formatMs } from '../../kernel/duration.ts';
import { cite, mark, paragraph, steps, strong } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import { plural } from '../../kernel/plural.ts';
import { compressed } from '../section/common.ts';
import { zoneTime } from '../when.ts';
import { faultWords, heldWords } from '../words.ts';
import { firingWords } from '../words-incident.ts';
import type { TransitionEntry } from '../../projection/model.ts';
import { type Case, byWhom, detectionSource } from './context.ts';

/** The cause as far as events tell it; final only when a person says so. */
export function cause({ faults, episode, incident: { record } }: Case): Block {
  const fired = firings(episode.transitions);
  const signals: Line = [
    `Signals that fired: ${episode.signals.join(', ')} `,
    cite(...fired.map(({ seq }) => seq)),
  ];
  if (record.cause !== undefined) {
    const { text, final, by, seq } = record.cause;
    return paragraph(
      strong(final ? 'Final:' : 'Provisional:'),
      ` ${text} (${by}) `,
      cite(seq),
      '. ',
      ...signals,
    );
  }
  if (faults.length === 0)
    return paragraph(strong('Provisional:'), ' ', unknown('no event names a cause'), '. ', ...signals);
  const words = faults.map((fault) => `${faultWords(fault)}, ${heldWords(fault)}`).join('; ');
  const seqs = faults
    .flatMap(({ injected, proof }) => [injected?.seq, proof?.seq])
    .filter((seq) => seq !== undefined);
  return paragraph(
    strong('Provisional:'),
    ` the drill’s own fault, ${words} `,
    cite(...seqs),
    '. What in the system let it through is for the review. ',
    ...signals,
  );
}

const unknown = (why: string) => mark('unknown', `unknown: ${why}`);

/** The five fixed questions, each answered by events or not at all. */
export function fiveWhys(of: Case): Block {
  const answers: readonly (readonly [string, Line])[] = [
    ['Why did the service fail?', whyFailed(of)],
    ['Why was that condition present?', whyPresent(of)],
    ['Why was that condition not caught earlier?', whyLate(of)],
    ['Why does the system not prevent this?', whyNotPrevented(of)],
    ['Why is this class of issue not monitored?', whyNotMonitored(of)],
  ];
  return steps(answers.map(([question, answer]) => [strong(question), ' ', ...answer]));
}

function whyFailed({ faults, episode, report }: Case): Line {
  const { by, opened } = episode;
  const first: Line = [
    `${firingWords(by, report.run.judge.signals)} `,
    cite(opened.seq, ...by.evidence.slice(0, 3)),
  ];
  const others = episode.signals.length - 1;
  const more = others > 0 ? `; ${plural(others, 'further signal')} joined` : '';
  const [fault] = faults;
  return fault?.injected === undefined
    ? [...first, more]
    : [...first, `${more}, while ${fault.proxy} had a fault (${fault.kind}) `, cite(fault.injected.seq)];
}

function whyPresent({ experiment, faults }: Case): Line {
  const [fault] = faults;
  if (experiment === undefined || fault === undefined) return [unknown('no event names a cause')];
  return [
    `The experiment ${experiment.name} injected it on purpose `,
    cite(experiment.seq, fault.plannedSeq),
  ];
}

function whyLate({ episode, impact: { started }, report }: Case): Line {
  const spec = report.signals.find((series) => series.spec.name === episode.by.signal)?.spec;
  const took = formatMs(episode.opened.at - started.at);
  const window = spec
    ? `, whose window is ${plural(spec.trigger.buckets, 'bucket')} of ${formatMs(report.run.judge.bucketMs)}`
    : '';
  return [
    `It took ${took}`,
    ...compressed(report),
    ` from the start to the declaration by ${episode.by.signal}${window}`,
    ...(spec ? compressed(report) : []),
    ' ',
    cite(started.seq, episode.opened.seq),
  ];
}

function whyNotPrevented({ experiment, containment, report }: Case): Line {
  const broken = experiment?.settled.filter(({ outcome }) => outcome === 'broken') ?? [];
  if (broken.length > 0) {
    return broken.flatMap(({ text, got, seq }) => [
      `“${text}” broke: got ${got} `,
      ...(seq === undefined ? [] : [cite(seq), ' ']),
    ]);
  }
  if (containment === undefined)
    return [unknown('no event shows it; nothing mitigated it while its cause lasted')];
  if (containment.by === 'unknown') {
    const at = zoneTime(containment.at, report.run.judge.zone);
    return [
      unknown(`it was inside the limits again at ${at}, and by whom is unknown`),
      ' ',
      cite(containment.seq),
    ];
  }
  return [
    `It was mitigated ${byWhom(containment)}; Impact says what users saw until then `,
    cite(containment.seq),
  ];
}

function whyNotMonitored(of: Case): Line {
  const { episode, report } = of;
  const fired = firings(episode.transitions);
  const silent = report.signals.filter(({ n }) => n === 0).map(({ spec }) => spec.name);
  const gap = silent.length === 0 ? '' : `. Not sampled in this run: ${silent.join(', ')}`;
  return [
    `What it does to the system is: ${episode.signals.join(', ')} fired, noticed by ${detectionSource(of)} `,
    cite(...fired.map(({ seq }) => seq)),
    `${gap}. What would announce its cause earlier: `,
    unknown('for the review'),
  ];
}

function firings(transitions: readonly TransitionEntry[]): readonly TransitionEntry[] {
  return transitions.filter(({ change }) => 'by' in change);
}
