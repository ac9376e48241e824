import type { Cause, Hit } from '../facts.ts';
import { formatMs } from '../../kernel/duration.ts';
import { plural } from '../../kernel/plural.ts';
import { downWords } from '../../runbook/roles.ts';
import type { Phrases } from './phrases.ts';
import { plain } from './lines.ts';

const limits = { '>': '', '>=': 'below ', '<': 'at least ', '<=': 'above ', '==': 'not ' } as const;

function hit(found: Hit): string {
  switch (found.kind) {
    case 'down':
      return 'down';
    case 'failing': {
      const [first = '', ...others] = found.what;
      return `${plain(first)} fails${others.length === 0 ? '' : `, and ${others.length} more`}`;
    }
    case 'slow': {
      const [first = '', ...others] = found.what;
      return `${plain(first)} is slow${others.length === 0 ? '' : `, and ${others.length} more`}`;
    }
    case 'felt':
      return plain(found.says);
    case 'errors':
      return `${found.ratio} of requests fail`;
    case 'none':
      return 'no failed request so far';
    case 'unknown':
      return 'effect on users unknown';
  }
}

const figure = ({ got, comparison, limit }: Extract<Cause, { kind: 'signal' }>, units?: number): string =>
  `${got === null ? 'unknown' : plain(got, units)}, limit ${limits[comparison]}${limit}`;

function cause(found: Cause, units?: number): string {
  switch (found.kind) {
    case 'signal':
      return `${plain(found.says, units)}: ${figure(found, units)}`;
    case 'hard-down':
      return `Down for ${formatMs(found.forMs)}: ${downWords[found.reason] ?? plain(found.name)}`;
    default:
      return outOf(found, units);
  }
}

function outOf(found: Extract<Cause, { kind: 'check' | 'state' | 'toggle' }>, units?: number): string {
  const [name, got, allowed] = [found.name, found.got, found.allowed].map((part) => plain(part, units));
  const isSlow = found.kind === 'check' && found.failure.slowOnly === true;
  return isSlow ? `${name} is slow: ${got}, allowed ${allowed}` : `${name}: got ${got}, expected ${allowed}`;
}

export const english: Phrases = {
  months: 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec',
  minutes: (count) => plural(count, 'minute'),
  hours: (count) => plural(count, 'hour'),
  tags: {
    declared: '',
    reopened: '[REOPENED]',
    worse: '[WORSE]',
    joined: '[UPDATE]',
    acted: '[UPDATE]',
    mitigated: '[MITIGATED]',
    stable: '[MITIGATED-STABLE]',
    flapping: '[FLAPPING]',
    recovered: '[RESOLVED]',
    closed: '[CLOSED]',
    monitoring: '[MONITORING]',
    heartbeat: '[HEARTBEAT]',
  },
  hit,
  cause,
  figure,
  also: 'also ',
  errors: 'errors',
  unknown: 'unknown',
  unmeasured: 'p95 and errors not measured',
  tooFew: (n) => `too few requests (n=${n}) to judge`,
  inForce: 'In force: ',
  fallbackOn: 'fallback',
  fallbackOff: 'fallback off',
  noAction: 'No action yet',
  set: 'Next: ',
  setBack: ['Set back: ', ', or ask who set it'],
  target: (time) => `target ${time}`,
  unaffected: 'inside its limits again',
  spared: 'users unaffected',
  stillOver: 'Still over: ',
  stillFailing: 'Still failing: ',
  notKnown: 'Not measured now: ',
  normalAgain: (after) => `normal again after ${after}`,
  normalSince: (from, to) => `degraded ${from}, normal again ${to}`,
  beginningUndelivered: 'The first message was not delivered in time',
  held: (time) => `good for ${time}`,
  provider: (answers) => (answers ? 'Provider up (asked directly)' : 'Provider down (asked directly)'),
  restored: 'Normal: ',
  gone: 'Not asked, no longer in the project: ',
  checksPassed: (count) => `${plural(count, 'contract check')} passed`,
  postmortemBy: (when) => `Postmortem by ${when}`,
  onFallback: 'on fallback, inside its limits',
  since: (when) => `Mitigated since ${when}`,
  owner: (name, review) => `Owner: ${name}, review by ${review}`,
  silent: 'No more messages until it is worse or over',
  stand: (stand, good, of) => `${stand}, ${good} of ${plural(of, 'good minute')}`,
  changesSince: (count, when) => `${plural(count, 'change')} since ${when}`,
  changes: {
    declared: 'declared',
    reopened: 'degraded again',
    'signal-joined': 'another signal',
    mitigated: 'mitigated',
    worsened: 'worse again',
    'mitigated-stable': 'handed to its owner',
    'restore-proposed': 'restore proposed',
    restored: 'restored, the hold begins',
    'hold-reset': 'the hold starts over',
    verifying: 'hold complete, contract checks',
    'verify-failed': 'contract checks failed',
    recovered: 'recovered',
    flapping: 'flapping',
    digest: 'digest',
    settled: 'settled',
    'taken-over': 'another run goes on with it',
    closed: 'closed',
  },
  closed: {
    'load-ended': 'closed without recovery, the load has ended',
    'drill-ended': 'closed without recovery, the drill has ended',
  },
  nextDigest: (time) => `Next digest in ${time} if anything happens`,
  cannotMeasure: 'Siaga cannot measure',
  blind: 'No samples of: ',
  late: ({ check, latenessMs, stoodStillMs }) =>
    `${plain(check)} is inconclusive: Siaga was ${formatMs(latenessMs)} late and stood still for ${formatMs(stoodStillMs)}`,
  saysNothing: 'This says nothing about the system: no incident is opened or closed by it',
  verdicts: {
    passed: 'passed',
    failed: 'failed',
    inconclusive: 'inconclusive',
    configuration: 'usage or configuration',
    'rollback-failed': 'rollback failed',
    interrupted: 'interrupted',
    bug: 'a bug of Siaga’s',
  },
  counts: (passed, failed, inconclusive) =>
    `Checks: ${passed} passed, ${failed} failed, ${inconclusive} inconclusive`,
  failed: 'Failed: ',
  unclear: 'Inconclusive: ',
  unrecorded: ['UNRECORDED', 'UNRECORDED: the event store cannot be written'],
};
