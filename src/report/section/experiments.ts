import { round } from '../../kernel/percent.ts';
import type { CallFigures, ProbeFigures } from '../../event/catalogue.ts';
import { formatMs } from '../../kernel/duration.ts';
import { bullets, cite, folded, heading, mark, paragraph, strong, table, right } from '../document/build.ts';
import type { Block, Line, Row } from '../document/types.ts';
import type { ExpectationReport, ExperimentReport, FaultReport, Report } from '../model.ts';
import { faultWords, heldWords, toneOf, gravestFirst } from '../words.ts';
import { experimentPlots, figureOf, legend } from '../plots.ts';
import { timingLine } from './common.ts';
import { endpointTable, isOver } from './endpoints.ts';

export function experimentsSection(report: Report): readonly Block[] {
  if (report.experiments.length === 0) return [];
  return [
    heading(2, 'Experiments'),
    ...legend(report.experiments.flatMap((experiment) => experimentPlots(experiment, report))),
    ...gravestFirst(report.experiments).flatMap((experiment) => experimentBlocks(experiment, report)),
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
    ...expectationBlocks(experiment.settled),
    ...experimentPlots(experiment, report).map(figureOf),
    ...faultBlocks(experiment.injections),
    ...endpointBlocks(experiment, report),
  ];
}

/** Open where something failed or was over its limit. */
function endpointBlocks({ endpoints }: ExperimentReport, report: Report): readonly Block[] {
  if (endpoints.length === 0) return [];
  const title = 'Per endpoint while the fault was in';
  const all = endpointTable(endpoints, report);
  return endpoints.some((row) => isOver(row, report))
    ? [paragraph(strong(title)), all]
    : [folded(`${title}: none failed or was over a limit`, [all])];
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
      row('mitigate', 'fault injected … mitigated', 'contain'),
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
      'Direct, past the proxy',
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
            proof.proven ? [mark('good', 'proven')] : [mark('unknown', 'not proven'), `: ${proof.why}`],
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
  if (n === 0) return 'not asked';
  return `${failed} of ${n} failed, median ${formatMs(medianMs)}`;
}

function calls({ count, errors, meanMs, overMs }: CallFigures): string {
  // What it breaks is none of its dependencies.
  if (count === 0 && overMs === 0) return 'none counted';
  return `${round(count)} in ${formatMs(overMs)}, ${round(errors)} errors, mean ${formatMs(meanMs)}`;
}

const outcomeTone = { met: 'good', broken: 'bad', unknown: 'unknown', open: 'unknown' } as const;

/** What was not met stands open, what broke first; what was met is folded away. */
function expectationBlocks(settled: readonly ExpectationReport[]): readonly Block[] {
  if (settled.length === 0) return [paragraph('No expectation was declared.')];
  const met = settled.filter(({ outcome }) => outcome === 'met');
  const missed = settled.filter(({ outcome }) => outcome !== 'met');
  const broken = missed.filter(({ outcome }) => outcome === 'broken');
  const others = missed.filter(({ outcome }) => outcome !== 'broken');
  return [
    paragraph(strong('Expectations:'), ` ${met.length} of ${settled.length} met`),
    ...(missed.length === 0 ? [] : [expectationTable([...broken, ...others])]),
    ...(met.length === 0 ? [] : [folded(`Met: ${met.length}`, [expectationTable(met)])]),
  ];
}

function expectationTable(settled: readonly ExpectationReport[]): Block {
  return table(
    ['Outcome', 'Stage', 'Expected', 'Got', 'Allowed', right('After'), 'Evidence'],
    settled.map(expectationRow),
  );
}

function expectationRow(expectation: ExpectationReport): Row {
  const { outcome, stage, got, allowed, path, afterMs, seq, evidence } = expectation;
  return {
    cells: [
      [mark(outcomeTone[outcome], outcome)],
      [stage],
      [expectedWords(expectation)],
      [path === undefined || got.startsWith(path) ? got : `${path}: ${got}`],
      [allowed],
      [afterMs === undefined ? '' : formatMs(afterMs)],
      [...(seq === undefined ? [] : [cite(seq)]), ...(evidence.length === 0 ? [] : [' ', cite(...evidence)])],
    ],
  };
}

/** The same observation may be expected by a deadline and all through the stage. */
function expectedWords({ text, mode, deadlineMs }: ExpectationReport): string {
  switch (mode) {
    case 'within':
      return deadlineMs === undefined ? text : `within ${formatMs(deadlineMs)}: ${text}`;
    case 'throughout':
      return `throughout: ${text}`;
    case 'never':
      return `never: ${text}`;
  }
}
