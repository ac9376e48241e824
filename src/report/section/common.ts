import { round } from '../../kernel/percent.ts';
import type { Timing } from '../../event/catalogue.ts';
import { formatMs } from '../../kernel/duration.ts';
import { commandLine } from '../../kernel/printed.ts';
import { hereOf } from '../../projection/here.ts';
import type { Episode } from '../../projection/model.ts';
import { cite, note } from '../document/build.ts';
import type { Line } from '../document/types.ts';
import type { Report } from '../model.ts';
import { symptomWords } from '../words-incident.ts';

/** The remark beside every figure of a compressed window; nothing at speed 1. */
export function compressed({ run }: Pick<Report, 'run'>): Line {
  return run.judge.speed === 1 ? [] : [note(`÷${round(run.judge.speed)}`)];
}

/** "4.2 s ÷30 [#414 #494]": exact, from event to event; unknown where nothing was timed. */
export function timingLine(timing: Timing | undefined, report: Pick<Report, 'run'>): Line {
  if (timing === undefined) return ['unknown'];
  const { ms, from, to } = timing;
  return [formatMs(ms), ...compressed(report), ' ', cite(from, to)];
}

/** A command as it is typed where the run ran. */
export function command({ run }: Pick<Report, 'run'>, words: string): string {
  return commandLine(hereOf(run), words);
}

/** The command that repeats a run with its windows uncompressed. */
export function atFullLength({ run }: Pick<Report, 'run'>): string {
  const words = run.invocation?.words ?? [run.command, run.subject].filter(Boolean).join(' ');
  return command({ run }, `${words} --speed 1`);
}

/** `null` is unknown, never zero. */
export function msOrUnknown(value: number | null): string {
  return value === null ? 'unknown' : formatMs(value);
}

/** What users felt when an episode was declared and when it had recovered. `since` says how old it was when declared. */
export function symptomLines(
  { opened, recovered, symptoms }: Episode,
  report: Pick<Report, 'run'>,
  since = '',
): readonly Line[] {
  const felt = (
    when: string,
    at: Episode['opened'],
    symptom: Episode['symptoms']['opened'],
    rest: Line,
  ): Line => [
    `${when}: `,
    symptomWords(symptom, at.at, report.run),
    ...compressed(report),
    ...rest,
    ' ',
    cite(at.seq),
  ];
  return [
    felt('When declared', opened, symptoms.opened, since === '' ? [] : [since]),
    ...(recovered && symptoms.recovered ? [felt('When RECOVERED', recovered, symptoms.recovered, [])] : []),
  ];
}
