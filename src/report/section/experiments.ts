import type { CallFigures, ProbeFigures } from '../../event/catalogue.ts';
import { formatMs } from '../../kernel/duration.ts';
import { bullets, cite, heading, mark, paragraph, strong, table, right } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import type { ExpectationReport, ExperimentReport, FaultReport, Report } from '../model.ts';
import { faultWords, heldWords, round, toneOf } from '../words.ts';
import { timingLine } from './common.ts';
import { endpointTable } from './endpoints.ts';

export function experimentsSection(report: Report): readonly Block[] {
  if (report.experiments.length === 0) return [];
  return [
    heading(2, 'Experiments'),
    ...report.experiments.flatMap((experiment) => experimentBlocks(experiment, report)),
  ];
}

function experimentBlocks(experiment: ExperimentReport, report: Report): readonly Block[] {
  const { name, verdict, reasons, hypothesis, requirements, expects, seq, finishedSeq } = experiment;
  const end = finishedSeq ?? seq;
  return [
    heading(3, `${name}: ${verdict}`),
    paragraph(strong('Hypothesis:'), ' ', hypothesis, ' ', cite(seq)),
    paragraph(
      `Requirements: ${requirements.join(', ') || 'none named'}. Signals that may fire: ${expects.join(', ') || 'none'}.`,
    ),
    paragraph(
      mark(toneOf(verdict), verdict),
      reasons.length === 0 ? ' ' : `: ${reasons.join('; ')} `,
      cite(end),
    ),
    timingTable(experiment, report),
    ...faultBlocks(experiment.injections),
    ...expectationBlocks(experiment.settled),
    ...(experiment.endpoints.length === 0
      ? []
      : [
          paragraph(strong('Per endpoint while the fault was in')),
          endpointTable(experiment.endpoints, report),
        ]),
  ];
}

function timingTable({ timings }: ExperimentReport, report: Report): Block {
  const row = (name: string, meaning: string, timing: keyof typeof timings): Line[] => [
    [name],
    timingLine(timings[timing], report),
    [meaning],
  ];
  return table(
    ['Time to', 'Took', 'From … to'],
    [
      row('detect', 'fault injected … incident declared', 'detect'),
      row('contain', 'fault injected … mitigated', 'contain'),
      row('recover', 'fault removed … RECOVERED', 'recover'),
    ],
  );
}

function faultBlocks(faults: readonly FaultReport[]): readonly Block[] {
  if (faults.length === 0)
    return [paragraph('No fault was planned: the experiment ended before its method.')];
  return [paragraph(strong('Faults and their proof')), bullets(faults.map(faultLine)), proofTable(faults)];
}

function faultLine(fault: FaultReport): Line {
  const { plannedSeq, injected, removed, stuck } = fault;
  const seqs = [plannedSeq, injected?.seq, removed?.seq ?? stuck?.seq].filter((seq) => seq !== undefined);
  return [faultWords(fault), ': ', ...endOf(fault), ' ', cite(...seqs)];
}

function endOf({ injected, removed, stuck, forMs }: FaultReport): Line {
  if (injected === undefined) return [heldWords({ forMs })];
  if (removed !== undefined)
    return [`${heldWords({ injected, removed, forMs })}, removed by ${removed.by} (${removed.rung})`];
  return [
    mark('bad', stuck ? `could not be removed; tried ${stuck.tried.join(', ')}` : 'no removal on record'),
  ];
}

function proofTable(faults: readonly FaultReport[]): Block {
  return table(
    [
      'Fault on',
      'Proof',
      'Through the proxy',
      'Past it',
      'The system’s own calls before',
      'and during',
      'Event',
    ],
    faults.map(({ proxy, proof, plannedSeq }): Line[] =>
      proof === undefined
        ? [
            [proxy],
            [mark('unknown', 'no proof on record')],
            ['unknown'],
            ['unknown'],
            ['unknown'],
            ['unknown'],
            [cite(plannedSeq)],
          ]
        : [
            [proxy],
            [
              mark(proof.proven ? 'good' : 'unknown', proof.proven ? 'proven' : 'not proven'),
              `: ${proof.why}`,
            ],
            [probes(proof.through)],
            [probes(proof.past)],
            [calls(proof.calls.before)],
            [calls(proof.calls.during)],
            [cite(proof.seq)],
          ],
    ),
  );
}

function probes({ n, failed, medianMs }: ProbeFigures): string {
  return `${failed} of ${n} failed, median ${formatMs(medianMs)}`;
}

function calls({ count, errors, meanMs, overMs }: CallFigures): string {
  return `${round(count)} in ${formatMs(overMs)}, ${round(errors)} errors, mean ${formatMs(meanMs)}`;
}

const outcomeTone = { met: 'good', broken: 'bad', unknown: 'unknown', open: 'unknown' } as const;

function expectationBlocks(settled: readonly ExpectationReport[]): readonly Block[] {
  if (settled.length === 0) return [paragraph('No expectation was declared.')];
  return [
    paragraph(strong('Expectations')),
    table(
      ['Outcome', 'Stage', 'Expected', 'Got', 'Allowed', right('After'), 'Event', 'Evidence'],
      settled.map(expectationRow),
    ),
  ];
}

function expectationRow({
  outcome,
  stage,
  text,
  got,
  allowed,
  path,
  afterMs,
  seq,
  evidence,
}: ExpectationReport): Row {
  return {
    cells: [
      [mark(outcomeTone[outcome], outcome)],
      [stage],
      [text],
      [path === undefined || got.startsWith(path) ? got : `${path}: ${got}`],
      [allowed],
      [afterMs === undefined ? '' : formatMs(afterMs)],
      seq === undefined ? [] : [cite(seq)],
      evidence.length === 0 ? [] : [cite(...evidence)],
    ],
  };
}
