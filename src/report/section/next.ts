import { bullets, cite, code, heading } from '../document/build.ts';
import type { Block, Line } from '../document/types.ts';
import { isLost } from '../../projection/messages.ts';
import type { Episode } from '../../projection/model.ts';
import type { ExperimentReport, Report } from '../model.ts';
import { zoneDateTime } from '../when.ts';
import { pairs } from '../words.ts';
import { atFullLength, command } from './common.ts';

/** What to do next, the most urgent first. */
export function nextSection(report: Report): readonly Block[] {
  return [heading(2, 'What to do next'), bullets(nextSteps(report))];
}

export function nextSteps(report: Report): readonly Line[] {
  const steps = [
    ...stuckSteps(report),
    ...toggleSteps(report),
    ...candidateSteps(report),
    ...openIncidents(report),
    ...brokenSteps(report),
    ...undecidedSteps(report),
    ...doubtSteps(report),
    ...messageSteps(report),
  ];
  return [...steps, ...closing(report, steps.length === 0)];
}

function stuckSteps(report: Report): readonly Line[] {
  const left = report.experiments.flatMap(({ injections }) =>
    injections.filter(({ injected, removed }) => injected !== undefined && removed === undefined),
  );
  return left.map(({ proxy, kind, injected, plannedSeq }) => [
    `A fault may still be in (${kind} on ${proxy}): `,
    code(command(report, 'chaos heal')),
    ' ',
    cite(injected?.seq ?? plannedSeq),
  ]);
}

function toggleSteps({ actions }: Report): readonly Line[] {
  const set = actions.filter(({ kind, to }) => kind === 'toggle' && to === undefined);
  if (set.length === 0) return [];
  const normal = Object.fromEntries(set.map(({ name, normal: value = '' }) => [name, value]));
  const seqs = set.map(({ seq }) => seq.from);
  return [['Put the toggles back to normal and read them back: ', code(pairs(normal)), ' ', cite(...seqs)]];
}

/** Whatever else was found is of a candidate that was no longer there. */
function candidateSteps({ parts, run }: Report): readonly Line[] {
  const dead = parts.findLast(({ part, outcome }) => part === 'candidate' && outcome === 'failed');
  if (dead === undefined) return [];
  return [
    [
      'Find out why the candidate ended: ',
      code(dead.reason),
      '. Then run the gate again: ',
      code(run.repeat),
      ' ',
      cite(dead.seq),
    ],
  ];
}

function openIncidents(report: Report): readonly Line[] {
  const { incidents, run } = report;
  return incidents.flatMap(({ id, episodes, drill }) => {
    const last = episodes.at(-1);
    if (last === undefined || (last.recovered ?? last.closed) !== undefined) return [];
    if (last.stable !== undefined) return [handedOver(id, drill, last.stable, run.judge.zone)];
    return [
      [
        `${drill ? '[DRILL] ' : ''}${id} is still open; check again: `,
        code(command(report, 'check')),
        ' ',
        cite(last.opened.seq),
      ],
    ];
  });
}

function handedOver(
  id: string,
  drill: boolean,
  { owner, reviewAt, seq }: NonNullable<Episode['stable']>,
  zone: string,
): Line {
  return [
    `${drill ? '[DRILL] ' : ''}${id} is MITIGATED-STABLE: ${owner.name} (${owner.role}) reviews the fallback by ${zoneDateTime(reviewAt, zone)} `,
    cite(seq),
  ];
}

function brokenSteps(report: Report): readonly Line[] {
  const { experiments, loads, failures, first, run } = report;
  const broken = experiments.flatMap((experiment) => brokenOf(experiment, run));
  const load = loads.flatMap(({ finished }): Line[] =>
    finished?.outcome === 'failed'
      ? [
          [
            `Load ${finished.load}: ${finished.violations[0]?.rule ?? finished.reason ?? 'failed'} `,
            cite(finished.seq),
          ],
        ]
      : [],
  );
  const outside = failures
    .filter(({ count, drilled }) => count > drilled && experiments.length === 0)
    .slice(0, 3)
    .map(({ check, path, got, allowed, evidence }): Line => [
      `Check ${check}: ${path} got `,
      code(got),
      ', allowed ',
      code(allowed),
      ' ',
      cite(...evidence.slice(0, 1)),
    ]);
  const known = [...broken, ...load, ...outside, ...foundSteps(report)];
  const hasSteps = known.length + candidateSteps(report).length > 0;
  return !hasSteps && first !== undefined && run.verdict === 'failed'
    ? [[`${first.what}: got `, code(first.got), ' ', cite(first.seq)]]
    : known;
}

/** Toggles that are out have a step of their own, and so have incidents. */
function foundSteps({ findings, run }: Report): readonly Line[] {
  const broken = findings.filter(
    ({ kind, outcome }) => outcome === 'failed' && (kind === 'signal' || kind === 'state'),
  );
  return broken.map(({ kind, name, got, allowed, seq }): Line => [
    `${kind === 'state' ? 'State ' : ''}${name}: got `,
    code(got),
    ', allowed ',
    code(allowed),
    '. Then run it again: ',
    code(run.repeat),
    ' ',
    cite(seq),
  ]);
}

// What was seen to break while nothing could be said of it is nobody's to fix.
const doubtful: ReadonlySet<string> = new Set(['inconclusive', 'aborted']);

function brokenOf({ name, settled, verdict }: ExperimentReport, run: Report['run']): readonly Line[] {
  if (doubtful.has(verdict)) return [];
  const [first, ...others] = settled
    .filter(({ outcome }) => outcome === 'broken')
    .toSorted((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
  if (first === undefined) return [];
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  return [
    [
      `Fix ${name}: “${first.text}” broke, got `,
      code(first.got),
      `${more}. Then prove it: `,
      code(command({ run }, `chaos run ${name}`)),
      ' ',
      cite(...(first.seq === undefined ? [] : [first.seq])),
    ],
  ];
}

const undecided: ReadonlySet<string> = new Set(['inconclusive', 'interrupted', 'unfinished', 'error']);

/** What kept the run from a verdict, and its remedy; then the run again, for nothing was decided. */
function undecidedSteps({ run, first, problems }: Report): readonly Line[] {
  if (!undecided.has(run.verdict)) return [];
  const hint = problems.find(({ evidence }) => evidence.includes(first?.seq ?? -1))?.hint;
  const needed = hint ?? (first && first.allowed !== '' ? `Needed: ${first.allowed}.` : '');
  const remedy: readonly Line[] = first
    ? [[`${first.what}: `, code(first.got), `. ${needed} `, cite(first.seq)]]
    : [];
  return [...remedy, ['Nothing was decided. Then run it again: ', code(run.repeat)]];
}

function doubtSteps({ problems, run, first }: Report): readonly Line[] {
  if (run.verdict === 'passed') return [];
  return problems
    .filter(({ hint, evidence }) => hint !== undefined && !evidence.includes(first?.seq ?? -1))
    .slice(0, 3)
    .map(({ what, hint, evidence }) => [`Ours to fix: ${what}. ${hint ?? ''} `, cite(...evidence)]);
}

function messageSteps({ messages }: Report): readonly Line[] {
  const dead = messages.filter(isLost);
  const channels = [...new Set(dead.map(({ channel }) => channel))];
  return channels.map((channel) => {
    const own = dead.filter((message) => message.channel === channel);
    const why = own[0]?.dead?.reason ?? own[0]?.failures.at(-1)?.reason ?? 'never confirmed';
    return [`Messages to ${channel} did not arrive: ${why} `, cite(...own.map(({ seq }) => seq))];
  });
}

function nothingToDo({ command: name, verdict, reason, exitCode, seq }: Report['run']): Line {
  if (verdict !== 'passed' || exitCode !== 0)
    return [`See to what ended it: ${reason || 'it gave no reason'} `, cite(seq.ended)];
  if (reason === '') return ['Nothing. All that was tried held.'];
  return name === 'gate'
    ? ['See to what could not be judged; it was let through.']
    : [`${reason} `, cite(seq.ended)];
}

function closing({ run, incidents }: Report, nothingElse: boolean): readonly Line[] {
  const draft: readonly Line[] =
    incidents.length === 0
      ? []
      : [['Complete ', code('postmortem.md'), ': it is a draft; fill in what it calls unknown.']];
  const full: readonly Line[] =
    run.judge.speed === 1
      ? []
      : [['Before an action item is closed, repeat at full length: ', code(atFullLength({ run }))]];
  const others = [...draft, ...full];
  const silent = nothingElse && (others.length === 0 || run.verdict !== 'passed');
  return [...(silent ? [nothingToDo(run)] : []), ...others];
}
