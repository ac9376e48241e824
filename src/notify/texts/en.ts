import type { IncidentChange } from '../../event/incident.ts';
import type {
  DegradedFacts,
  DigestFacts,
  MonitoringFacts,
  RecoveredFacts,
  StableFacts,
  WindowFacts,
  Words,
} from '../facts.ts';
import { formatMs } from '../../kernel/duration.ts';
import { assignments, happenedLine, inWords, moment, mostHappened, plain, windowName } from './lines.ts';

const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec';
const again = { reopened: 'opened again', worsened: 'worse again after MITIGATED-STABLE' };
const changes: Readonly<Record<IncidentChange['kind'], string>> = {
  declared: 'declared',
  reopened: 'degraded again',
  'signal-joined': 'another signal',
  mitigated: 'MITIGATED',
  worsened: 'worse again',
  'mitigated-stable': 'MITIGATED-STABLE',
  'restore-proposed': 'restore proposed',
  restored: 'restored, the hold begins',
  'hold-reset': 'the hold starts over',
  verifying: 'hold complete, contract checks',
  'verify-failed': 'contract checks failed',
  recovered: 'RECOVERED',
  flapping: 'flapping',
  digest: 'digest',
  settled: 'settled',
  'taken-over': 'another run goes on with it',
  closed: 'closed',
};
const units = { minute: 'minutes', hour: 'hours' };

export const english: Words = {
  degraded: (facts) => [
    `${tags(facts)}[INCIDENT] Degraded mode: ${moment(facts.at, facts, months)}`,
    ...degradedBody(facts),
  ],
  stable: (facts) => [
    `${tags(facts)}[MITIGATED-STABLE] On fallback, inside the thresholds: ${moment(facts.at, facts, months)}`,
    ...stableBody(facts),
  ],
  digest: (facts) => [
    `${tags(facts)}[FLAPPING] ${facts.begins ? 'Degraded again' : 'Digest'}: ${moment(facts.at, facts, months)}`,
    ...digestBody(facts),
  ],
  recovered: (facts) => [
    `${tags(facts)}[RESOLVED] Normal mode: ${moment(facts.at, facts, months)}`,
    ...recoveredBody(facts),
  ],
  monitoring: (facts) => [
    `[MONITORING] Siaga cannot measure: ${moment(facts.at, facts, months)}`,
    `Target ${plain(facts.target)}, ${facts.incident}, message ${facts.number}`,
    `- ${troubleLine(facts)}`,
    '- This says nothing about the target: it opens no incident and ends none',
    ...notes(facts),
  ],
  heartbeat: (facts) => [
    `[HEARTBEAT] ${facts.verdict}: ${moment(facts.at, facts, months)}`,
    `Target ${plain(facts.target)}: ${facts.checks.passed} passed, ${facts.checks.failed} failed, ${facts.checks.inconclusive} inconclusive`,
    ...(facts.reason === '' ? [] : [`- ${plain(facts.reason)}`]),
    ...notes(facts),
  ],
  combined: (degraded, recovered) => [
    `${tags(recovered)}[RESOLVED] Degraded ${moment(degraded.at, degraded, months)}, normal again ${moment(recovered.at, recovered, months)}`,
    'The first message could not be delivered in time; this one tells both.',
    'DEGRADED',
    ...degradedBody({ ...degraded, number: recovered.number }),
    'RECOVERED',
    ...recoveredBody(recovered),
  ],
};

const tags = ({ drill }: { readonly drill: boolean }): string => (drill ? '[DRILL] ' : '');

function degradedBody(facts: DegradedFacts): string[] {
  const { severity, symptoms, causes, requestId } = facts;
  return [
    `Incident ${facts.incident}, message ${facts.number}, ${severity}${facts.again ? `, ${again[facts.again]}` : ''}`,
    `- Symptoms: ${figures(symptoms)} of ${symptoms.n} requests (${windowName(symptoms, units)})`,
    `- Initial cause: ${causes.map(({ title, got, limit }) => `${plain(title)}: ${plain(got)}, limit ${plain(limit)}`).join('; ')}`,
    `- Actions: ${actions(facts)}`,
    `- Estimate: recovery within ${inWords(facts.resolveWithinMs, units)} (target of ${severity})`,
    `X-Request-Id of an affected request: ${requestId === undefined ? 'none seen' : plain(requestId)}`,
    ...notes(facts),
  ];
}

function stableBody(facts: StableFacts): string[] {
  const { symptoms, owner } = facts;
  return [
    `Incident ${facts.incident}, message ${facts.number}, mitigated since ${moment(facts.since, facts, months)}`,
    `- State: ${figures(symptoms)} of ${symptoms.n} requests (${windowName(symptoms, units)})`,
    `- Actions: ${actions(facts)}`,
    `- Owner: ${plain(owner.name)} (${owner.role})`,
    `- Review: by ${moment(facts.reviewAt, facts, months)}`,
    '- No further message until it is worse again or RECOVERED',
    ...notes(facts),
  ];
}

function digestBody(facts: DigestFacts): string[] {
  const { begins, symptoms, severity } = facts;
  return [
    `Incident ${facts.incident}, message ${facts.number}, ${severity}`,
    ...(begins ? [`- ${begins.changes} changes since ${moment(begins.since, facts, months)}`] : []),
    ...facts.happened.slice(-mostHappened).map((one) => `- ${happenedLine(one, facts, changes)}`),
    `- Now: ${facts.stand}, ${facts.good} of ${facts.of} good minutes`,
    `- Symptoms: ${figures(symptoms)} of ${symptoms.n} requests (${windowName(symptoms, units)})`,
    `- Until it has held: a digest each ${inWords(facts.everyMs, units)}, where anything happens`,
    ...notes(facts),
  ];
}

function recoveredBody(facts: RecoveredFacts): string[] {
  const { five, ten } = facts;
  return [
    `Incident ${facts.incident}, message ${facts.number}, lasted ${formatMs(facts.at - facts.since)}`,
    `- ${figures(five)} of ${five.n} requests (${windowName(five, units)})`,
    `- ${figures(ten)} (${windowName(ten, units)}, the recovery criterion)`,
    `- Provider: ${told(facts.provider, 'up, asked directly', 'does not answer, asked directly', 'not asked directly')}`,
    `- Configuration: ${configuration(facts)}`,
    `- Contract checks passed: ${facts.checksPassed}`,
    `- Next: postmortem within ${inWords(facts.postmortemWithinMs, units)}, by ${moment(facts.postmortemBy, facts, months)}`,
    ...notes(facts),
  ];
}

function troubleLine({ trouble }: MonitoringFacts): string {
  if (trouble.kind === 'late') return `Inconclusive, ${plain(trouble.check)}: ${plain(trouble.reason)}`;
  return `Monitoring is blind, no sample of ${trouble.signals.map(plain).join(', ')}`;
}

function figures({ p95, errors }: WindowFacts): string {
  return `REST p95 ${p95 ?? 'unknown'}, error rate ${errors ?? 'unknown'}`;
}

function actions({ fallback, toggles }: Pick<DegradedFacts, 'fallback' | 'toggles'>): string {
  const set = assignments(toggles);
  const automatic = told(fallback, 'fallback is active', 'fallback is not active', 'fallback unknown');
  return set === '' ? `none by hand yet; ${automatic}` : `${set}; ${automatic}`;
}

function configuration({ toggles, fallback }: RecoveredFacts): string {
  const off = told(fallback, 'fallback still active', 'fallback off', 'fallback unknown');
  const read = assignments(toggles);
  return read === '' ? `no toggle was changed; ${off}` : `back to normal, read back: ${read}; ${off}`;
}

function told(fact: boolean | undefined, yes: string, no: string, unknown: string): string {
  if (fact === undefined) return unknown;
  return fact ? yes : no;
}

function notes({ speed, recorded }: { readonly speed: number; readonly recorded: boolean }): string[] {
  return [
    ...(speed === 1 ? [] : [`Speed ${speed}: the runbook's windows are compressed, its thresholds are not`]),
    ...(recorded ? [] : ['UNRECORDED: the event store cannot be written']),
  ];
}
