import { formatMs } from '../../kernel/duration.ts';
import { formatRatio } from '../../kernel/percent.ts';
import { holds } from '../../runbook/holds.ts';
import { cite } from '../document/build.ts';
import type { Line } from '../document/types.ts';
import { isLost } from '../../projection/messages.ts';
import { plural } from '../../kernel/plural.ts';
import { command, compressed } from '../section/common.ts';
import { type Case, byWhom } from './context.ts';

/** Something to do better, with the action that would. */
export interface Improvement {
  readonly what: Line;
  readonly action: string;
  /** The command that shows it done. */
  readonly closedBy: string;
}

/** Five lines at most: a reader wants to know what to rely on, and the report has the rest. */
export function wentWell(of: Case): readonly Line[] {
  const { episode, report, impact } = of;
  const { started } = impact;
  const own = messagesOf(of);
  const arrived = own.filter(({ delivered }) => delivered !== undefined);
  return [
    [
      `Noticed by a signal, ${formatMs(episode.opened.at - started.at)}`,
      ...compressed(report),
      ' after the start ',
      cite(started.seq, episode.opened.seq),
    ],
    ...metLine(of),
    ...containedLine(of),
    ...restoredLine(of),
    ...(arrived.length > 0
      ? [
          [
            `${plural(arrived.length, 'message')} delivered `,
            cite(...arrived.map(({ delivered, seq }) => delivered?.seq ?? seq)),
          ],
        ]
      : []),
  ];
}

function metLine({ experiment }: Case): readonly Line[] {
  const met = experiment?.settled.filter(({ outcome }) => outcome === 'met') ?? [];
  if (experiment === undefined || met.length === 0) return [];
  return [
    [
      `${met.length} of ${plural(experiment.settled.length, 'expectation')} of ${experiment.name} met `,
      cite(...met.flatMap(({ seq }) => seq ?? [])),
    ],
  ];
}

// Only what was read back was restored: a system without toggles has none to put back.
function restoredLine({ episode }: Case): readonly Line[] {
  const { restored, transitions } = episode;
  const change = transitions.find(({ seq }) => seq === restored?.seq)?.change;
  if (restored === undefined || change?.kind !== 'restored' || Object.keys(change.toggles).length === 0)
    return [];
  return [['The toggles were read back normal before the recovery clock started ', cite(restored.seq)]];
}

function containedLine({ containment, impact: { started }, report }: Case): readonly Line[] {
  if (containment === undefined) return [];
  const took = formatMs(containment.at - started.at);
  return [
    [
      `${{ siaga: 'Contained after', person: 'Contained after', system: 'Mitigated after', unknown: 'After' }[containment.by]} ${took}`,
      ...compressed(report),
      ` ${byWhom(containment)} `,
      cite(started.seq, containment.seq),
    ],
  ];
}

/** Derived from what events show, the gravest first. */
export function improvements(of: Case): readonly Improvement[] {
  return [
    ...fromImpact(of),
    ...fromContainment(of),
    ...fromExpectations(of),
    ...fromRecovery(of),
    ...fromMessages(of),
    ...fromDetection(of),
    ...fromUsers(of),
  ];
}

/** Requests that failed over their limit while it lasted are something to improve, whatever was expected. */
function fromImpact({ impact, report, experiment }: Case): readonly Improvement[] {
  const { degraded, evidence } = impact;
  const { signals, recovery } = report.run.judge;
  const spec = signals.find(({ name }) => name === recovery.wholeHold.signal);
  if (spec === undefined || degraded.errors < 2) return [];
  const rate = degraded.errors / degraded.requests;
  if (!holds(spec.trigger, rate)) return [];
  return [
    {
      what: [
        `${degraded.errors} of ${degraded.requests} requests failed (${formatRatio(rate)}) while it was not mitigated, limit ${formatRatio(spec.trigger.value)} `,
        cite(...evidence),
      ],
      action: 'Keep users’ requests inside their limit while the cause lasts',
      closedBy: repeatOf(experiment, report),
    },
  ];
}

function fromContainment({ containment, episode, impact, experiment, report }: Case): readonly Improvement[] {
  if (containment !== undefined) return [];
  const seqs = [impact.started.seq, ...(episode.mitigated ? [episode.mitigated.seq] : [])];
  return [
    {
      what: ['Nothing mitigated it while its cause lasted ', cite(...seqs)],
      action: 'Find what keeps users inside the limits before its cause is gone',
      closedBy: repeatOf(experiment, report),
    },
  ];
}

const repeatOf = (experiment: Case['experiment'], report: Case['report']): string =>
  experiment ? command(report, `chaos run ${experiment.name} --speed 1`) : report.run.repeat;

function fromExpectations({ experiment, report }: Case): readonly Improvement[] {
  const missed = experiment?.settled.filter(({ outcome }) => outcome !== 'met') ?? [];
  return missed.map(({ text, got, outcome, seq }) => ({
    what: [`Expectation ${outcome}: “${text}”, got ${got} `, ...(seq === undefined ? [] : [cite(seq)])],
    action: outcome === 'broken' ? `Make it hold: ${text}` : `Make it measurable: ${text}`,
    closedBy: repeatOf(experiment, report),
  }));
}

function fromRecovery({ episode, report }: Case): readonly Improvement[] {
  const resets = episode.transitions.filter(
    ({ change }) =>
      change.kind === 'hold-reset' || change.kind === 'verify-failed' || change.kind === 'worsened',
  );
  const open: readonly Improvement[] =
    episode.recovered === undefined && episode.closed === undefined
      ? [
          {
            what: ['RECOVERED was not reached before the run ended ', cite(episode.opened.seq)],
            action: 'Find why it did not recover',
            closedBy: report.run.repeat,
          },
        ]
      : [];
  if (resets.length === 0) return open;
  return [
    ...open,
    {
      what: [
        `Recovery was set back ${plural(resets.length, 'time')} `,
        cite(...resets.map(({ seq }) => seq)),
      ],
      action: 'Find what disturbed the recovery and remove it',
      closedBy: report.run.repeat,
    },
  ];
}

function fromMessages(of: Case): readonly Improvement[] {
  const lost = messagesOf(of).filter(isLost);
  return [...new Set(lost.map(({ channel }) => channel))].map((channel) => {
    const own = lost.filter((message) => message.channel === channel);
    return {
      what: [
        `${plural(own.length, 'message')} to ${channel} not delivered: ${own[0]?.dead?.reason ?? 'not confirmed'} `,
        cite(...own.map(({ seq, dead }) => dead?.seq ?? seq)),
      ],
      action: `Repair the channel ${channel}`,
      closedBy: command(of.report, 'validate'),
    };
  });
}

/** Slow is longer than the trigger's own window and one bucket more. */
function fromDetection({ episode, impact: { started }, report }: Case): readonly Improvement[] {
  const spec = report.signals.find((series) => series.spec.name === episode.by.signal)?.spec;
  const took = episode.opened.at - started.at;
  const { bucketMs, latenessMs } = report.run.judge;
  const fair = ((spec?.trigger.buckets ?? 1) + 1) * bucketMs + latenessMs;
  if (took <= fair) return [];
  return [
    {
      what: [
        `Detection took ${formatMs(took)}`,
        ...compressed(report),
        `, the trigger’s window needs ${formatMs(fair)} `,
        cite(started.seq, episode.opened.seq),
      ],
      action: 'Add or tighten a signal that sees this failure sooner',
      closedBy: report.run.repeat,
    },
  ];
}

function fromUsers({ incident: { record }, report }: Case): readonly Improvement[] {
  const { users } = record;
  if (users?.noticedFirst !== true) return [];
  return [
    {
      what: [`A user noticed it before Siaga did (${users.by}) `, cite(users.seq)],
      action: 'Add or tighten a signal that sees this failure before a user does',
      closedBy: report.run.repeat,
    },
  ];
}

function messagesOf({ report, incident, episode }: Case) {
  return report.messages.filter(
    (message) =>
      message.incident === incident.id &&
      message.seq > episode.opened.seq &&
      (episode.recovered === undefined || message.transition <= ordinalOf(incident, episode.recovered.seq)),
  );
}

function ordinalOf({ transitions }: Case['incident'], seq: number): number {
  return transitions.find((entry) => entry.seq === seq)?.ordinal ?? Infinity;
}
