import type { Entry, TriageAnswers } from '../event/entry.ts';
import { formatMs } from '../kernel/duration.ts';
import { plural } from '../kernel/plural.ts';
import { printed, shellWord } from '../kernel/printed.ts';
import type { EntryFacts, IncidentRecord } from '../projection/entries.ts';
import { isOver } from '../projection/incidents.ts';
import type { IncidentFacts } from '../projection/model.ts';
import { clean } from './document/escape.ts';
import { zoneDateTime, zoneLabel, zoneTime } from './when.ts';
import { changeWords, phaseNames } from './words-incident.ts';

export interface IncidentOnPage {
  readonly incident: IncidentFacts;
  readonly record: IncidentRecord;
  readonly target: string;
  /** IANA zone of the runbook. */
  readonly zone: string;
}

/** One incident for a terminal: how it is, who has it, what people said, all that happened, and what is to be done next. */
export function incidentText(of: IncidentOnPage, now: number): string {
  return `${[...headOf(of, now), '', ...factLines(of), '', ...timeline(of), ...nextLines(of)].join('\n')}\n`;
}

function headOf({ incident, target, zone }: IncidentOnPage, now: number): readonly string[] {
  const last = incident.episodes.at(-1);
  const from = last?.opened.at ?? now;
  const end = last?.recovered ?? last?.closed;
  const lasted = formatMs(Math.max(0, (end?.at ?? now) - from));
  return [
    `${incident.drill ? '[DRILL] ' : ''}${incident.id}  ${target}  ${incident.severity.now}  ${phaseNames[incident.phase]}`,
    `since ${zoneDateTime(from, zone)}, ${end === undefined ? `${lasted} so far` : `lasted ${lasted}`}`,
  ];
}

const questions: Readonly<Record<keyof TriageAnswers, string>> = {
  what: 'what',
  who: 'who',
  severity: 'severity',
  blastRadius: 'blast radius',
};

/** The answers of a triage that nobody has given yet. */
export const untold = (triage: TriageAnswers): readonly string[] =>
  Object.entries(questions).flatMap(([key, name]) =>
    triage[key as keyof TriageAnswers] === undefined ? [name] : [],
  );

function factLines({ incident, record, zone }: IncidentOnPage): readonly string[] {
  const { acknowledged, roles, triage, cause, fixes, users, resolved } = record;
  const answers = Object.entries(questions).flatMap(([key, name]) => {
    const answer = triage[key as keyof TriageAnswers];
    return answer === undefined ? [] : [`${name}: ${answer}`];
  });
  const missing =
    answers.length > 0 && untold(triage).length > 0 ? [`not said: ${untold(triage).join(', ')}`] : [];
  return [
    ['signals', incident.signals.join(', ')],
    [
      'in hand',
      acknowledged
        ? `${acknowledged.by}, since ${zoneTime(acknowledged.at, zone)}`
        : isOver(incident)
          ? ''
          : 'nobody has acknowledged it',
    ],
    ['roles', roles.map(({ role, to }) => `${role}: ${to}`).join(', ')],
    ['triage', [...answers, ...missing].join('; ')],
    ['cause', cause ? `${cause.text} (${cause.final ? 'final' : 'provisional'})` : ''],
    ['fix', fixes.map(fixWords).join('; ')],
    ['users', users ? usersWords(users) : ''],
    ['resolved', resolved ? `${resolved.by}: ${resolved.text}` : ''],
  ].flatMap(([name = '', text = '']) => (text === '' ? [] : [`${name.padEnd(9)} ${clean(text)}`]));
}

function timeline({ incident, record, zone }: IncidentOnPage): readonly string[] {
  const changes = incident.transitions.map(({ effectiveAt, change }) => ({
    at: effectiveAt,
    text: changeWords(change),
  }));
  const said = record.entries.map((each) => ({ at: each.at, text: `${each.by}: ${entryWords(each)}` }));
  const all = [...changes, ...said].toSorted((a, b) => a.at - b.at);
  const label = zoneLabel(all[0]?.at ?? 0, zone);
  return [`timeline (${label})`, ...all.map(({ at, text }) => `${zoneTime(at, zone)}  ${clean(text)}`)];
}

/** What a person said, in words. */
export function entryWords({ entry }: Pick<EntryFacts, 'entry'>): string {
  switch (entry.kind) {
    case 'acknowledged':
      return 'acknowledged';
    case 'assigned':
      return `${entry.role} is ${entry.to}`;
    case 'note':
      return entry.text;
    case 'triage':
      return `triage: ${Object.entries(questions)
        .flatMap(([key, name]) => {
          const answer = entry[key as keyof TriageAnswers];
          return answer === undefined ? [] : [`${name} ${answer}`];
        })
        .join('; ')}`;
    case 'cause':
      return `${entry.final ? 'final' : 'provisional'} cause: ${entry.text}`;
    case 'fix':
      return `fix: ${fixWords(entry)}`;
    case 'users':
      return usersWords(entry);
    case 'resolved':
      return `resolved: ${entry.text}`;
  }
}

export const fixWords = ({ text, commit }: Omit<Extract<Entry, { kind: 'fix' }>, 'kind'>): string =>
  commit === undefined ? text : `${text} (commit ${commit})`;

export function usersWords({
  affected,
  noticedFirst,
}: Omit<Extract<Entry, { kind: 'users' }>, 'kind'>): string {
  const count = affected === undefined ? 'users affected: unknown' : `${plural(affected, 'user')} affected`;
  return noticedFirst === undefined
    ? count
    : `${count}; ${noticedFirst ? 'a user noticed it before Siaga did' : 'Siaga noticed it before any user'}`;
}

/** The commands that this incident still asks for, the first the most urgent. Drills ask for none. */
function nextLines({ incident, record }: IncidentOnPage): readonly string[] {
  const { id, drill } = incident;
  if (drill || record.resolved !== undefined) return [];
  const named = (words: string): string => printed(`incident ${words} --incident ${shellWord(id)}`);
  const next = isOver(incident)
    ? [
        ...(record.cause?.final === true ? [] : [named('cause TEXT --final')]),
        ...(record.users === undefined ? [named('users COUNT')] : []),
        named('resolve TEXT'),
      ]
    : [
        ...(record.acknowledged === undefined ? [named('ack')] : []),
        ...(untold(record.triage).length > 0
          ? [named('triage --what TEXT --who TEXT --severity SEV --blast-radius TEXT')]
          : []),
        named('note TEXT'),
      ];
  return ['', 'next', ...next.map((command) => `  ${command}`)];
}
