import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { Firing } from '../event/incident.ts';
import type { JudgeSpec, Severity } from '../event/specs.ts';

type Answer = EventOf<'check.finished'>;

/** A failing check as a firing signal: what was wrong with its answer, and where. */
export function checkFiring({ data, seq, at }: Answer): Firing {
  const { check, requestId } = data;
  const [violation] = data.violations;
  return {
    signal: `check:${check}`,
    subject: { kind: 'check', name: check },
    got: violation?.got ?? data.outcome,
    allowed: violation?.allowed ?? 'passed',
    since: at,
    evidence: [seq],
    ...(violation && { path: violation.path, rule: violation.rule }),
    ...(requestId !== undefined && { requestId }),
  };
}

/** SEV-2 for a check that decides recovery, else SEV-3, where the check says nothing else. */
export function checkSeverity({ checks = [], recovery }: JudgeSpec, check: string): Severity {
  const spec = checks.find(({ name }) => name === check);
  return spec?.severity ?? (recovery.coreChecks.includes(check) ? 'SEV-2' : 'SEV-3');
}

/** What was reported of a state or toggle that has a normal value. */
export interface Word {
  readonly signal: string;
  readonly subject: { readonly kind: 'state' | 'toggle'; readonly name: string };
  readonly title: string;
  readonly severity: Severity;
  readonly normal: boolean;
  readonly got: string;
  readonly allowed: string;
}

/** What an event tells of states and toggles. A toggle that could not be read, or was not reported, tells nothing. */
export function wordsOf(judge: JudgeSpec, event: SiagaEvent): readonly Word[] {
  if (event.type === 'check.finished') return stateWords(judge, event.data.states);
  return event.type === 'toggle.read' ? toggleWords(judge, event.data) : [];
}

function stateWords(judge: JudgeSpec, told: Answer['data']['states']): readonly Word[] {
  return statesOf(judge).flatMap(({ name, title, normal, severity }): Word[] => {
    const value = told[name];
    if (value === undefined) return [];
    const facts = { signal: `state:${name}`, subject: { kind: 'state', name }, title, severity } as const;
    const alike = typeof value !== typeof normal && String(value) === String(normal);
    const say = alike ? typed : String;
    return [{ ...facts, normal: value === normal, got: say(value), allowed: say(normal) }];
  });
}

// The text "false" is not false, though it is written alike.
const typed = (value: boolean | string | number): string =>
  typeof value === 'string' ? `"${value}" (text)` : `${value} (${typeof value})`;

// A judge from before states were signals still knows the fallback: the configuration is read from it.
const statesOf = ({ states, recovery }: JudgeSpec): NonNullable<JudgeSpec['states']> =>
  states ?? [
    { name: recovery.fallbackState, title: recovery.fallbackState, normal: false, severity: 'SEV-3' },
  ];

function toggleWords(
  { normalToggles }: JudgeSpec,
  { values, abnormal, ok }: EventOf<'toggle.read'>['data'],
): readonly Word[] {
  const wrong = new Map(abnormal.map((toggle) => [toggle.name, toggle]));
  const normal = Object.keys(normalToggles).filter((name) => ok || Object.hasOwn(values, name));
  const names = new Set([...normal, ...wrong.keys()]);
  return [...names].map((name): Word => {
    const found = wrong.get(name);
    const allowed = found?.normal ?? normalToggles[name] ?? '';
    const read = Object.hasOwn(values, name) ? values[name] : undefined;
    const value = found?.got ?? read ?? allowed;
    const got = value.trim() === '' ? 'an empty value' : value;
    return {
      signal: `toggle:${name}`,
      subject: { kind: 'toggle', name },
      title: name,
      severity: 'SEV-3',
      normal: found === undefined,
      got,
      allowed,
    };
  });
}
