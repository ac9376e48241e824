import { expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { isError } from '../kernel/diagnostic.ts';
import { validateRunbook } from './validate.ts';

const latency = runbook.signals['rest.latency'];
const withSignal = (signal: object) => ({
  ...runbook,
  signals: { ...runbook.signals, 'rest.latency': { ...latency, ...signal } },
});
const withRecovery = (recovery: object) => ({ ...runbook, recovery: { ...runbook.recovery, ...recovery } });
const withToggle = (name: keyof typeof runbook.toggles, toggle: object) => ({
  ...runbook,
  toggles: { ...runbook.toggles, [name]: { ...runbook.toggles[name], ...toggle } },
});
const withRole = (role: object) => ({ ...runbook, roles: { ...runbook.roles, ...role } });
const trigger = (when: string, window = '5m') =>
  withSignal({ trigger: { when, for: window }, recovered: undefined });

test('hunt 5: the longest trigger that a round can decide is sound', () => {
  expect(validateRunbook(trigger('p95 > 650ms', '28m')).filter(isError)).toEqual([]);
});

test('the runbook of this checkout holds no error', () => {
  expect(validateRunbook(runbook).filter(isError)).toEqual([]);
});

const stable = runbook.recovery.stable;

test.each([
  ['nothing at all', undefined, '', 'this must be an object'],
  ['a list', [], '', 'this must be an object'],
  ['a misspelt field', { ...runbook, zoen: 'x' }, 'zoen', 'there is no such field'],
  ['a missing field', { ...runbook, zone: undefined }, 'zone', 'this field is missing'],
  ['a zone that does not exist', { ...runbook, zone: 'Asia/Jakrta' }, 'zone', 'this is not a time zone'],
  ['no language', { ...runbook, languages: [] }, 'languages', 'this list holds too few languages'],
  [
    'a bad condition',
    trigger('p95 over 650ms'),
    "signals['rest.latency'].trigger.when",
    'this is not a condition',
  ],
  [
    'hunt 5: a trigger that is longer than any round stays',
    trigger('p95 > 650ms', '29m'),
    "signals['rest.latency'].trigger.for",
    'no round stays long enough to decide this, so that it would never page',
  ],
  [
    'a percentile of a rate',
    trigger('p95 > 2%'),
    "signals['rest.latency'].trigger.when",
    'p95 cannot be compared with this quantity',
  ],
  [
    'a rate in milliseconds',
    trigger('rate > 20ms'),
    "signals['rest.latency'].trigger.when",
    'rate cannot be compared with this quantity',
  ],
  [
    'a hand-over before a restore could be proposed',
    withRecovery({ stable: { ...stable, after: '4m' } }),
    'recovery.stable.after',
    'this is shorter than the good time after which a restore is proposed',
  ],
  [
    'an owner whom nobody is',
    withRecovery({ stable: { ...stable, owner: 'secondary' } }),
    'recovery.stable.owner',
    'no contact has this role',
  ],
  [
    'an owner who is no role',
    withRecovery({ stable: { ...stable, owner: 'Somebody' } }),
    'recovery.stable.owner',
    'this is not one of the known values',
  ],
  [
    'a fallback of half a minute',
    withRecovery({ stable: { ...stable, after: '30s' } }),
    'recovery.stable.after',
    'this duration is out of bounds',
  ],
  [
    'a digest of half a minute',
    { ...runbook, flapping: { ...runbook.flapping, digestEvery: '30s' } },
    'flapping.digestEvery',
    'this duration is out of bounds',
  ],
  [
    'a hand-over without a review',
    withRecovery({ stable: { after: '2h', owner: 'owner' } }),
    'recovery.stable.reviewAfter',
    'this field is missing',
  ],
  [
    'a window of half a minute',
    trigger('p95 > 650ms', '90s'),
    "signals['rest.latency'].trigger.for",
    'this duration is out of bounds',
  ],
  [
    'a bare number as window',
    withSignal({ trigger: { when: 'p95 > 650ms', for: 5 } }),
    "signals['rest.latency'].trigger.for",
    'this is not a duration',
  ],
  [
    'a recovered band inside the trigger',
    withSignal({ recovered: 'p95 < 651ms' }),
    "signals['rest.latency'].recovered",
    '"recovered" overlaps the trigger',
  ],
  [
    'a recovered band above the trigger',
    withSignal({ recovered: 'p95 > 700ms' }),
    "signals['rest.latency'].recovered",
    '"recovered" overlaps the trigger',
  ],
  [
    'another statistic in recovery',
    withSignal({ recovered: 'p99 < 450ms' }),
    "signals['rest.latency'].recovered",
    'trigger and recovery judge different things',
  ],
  [
    'a source that does not exist',
    withSignal({ source: 'prob' }),
    "signals['rest.latency'].source",
    'this is not one of the known values',
  ],
  [
    'a gauge with a percentile',
    withSignal({ source: { metric: 'x', type: 'gauge' }, recovered: undefined }),
    "signals['rest.latency'].trigger.when",
    'a gauge has no p95',
  ],
  [
    'an unknown inhibited signal',
    withSignal({ inhibits: ['freshnes'] }),
    "signals['rest.latency'].inhibits[0]",
    'there is no such signal',
  ],
  ['a hold of 90 seconds', withRecovery({ for: '90s' }), 'recovery.for', 'this duration is out of bounds'],
  [
    'a deadline shorter than the hold',
    withRecovery({ deadline: '9m' }),
    'recovery.deadline',
    'this is shorter than the hold it must fit',
  ],
  [
    'an unknown signal over the hold',
    withRecovery({ wholeHold: { signal: 'rest.error', good: 'rate < 1%', minRequests: 100 } }),
    'recovery.wholeHold.signal',
    'there is no such signal',
  ],
  [
    'a toggle outside its range',
    withToggle('SCREENER_MAX_CONCURRENCY', { normal: '9' }),
    'toggles.SCREENER_MAX_CONCURRENCY.normal',
    'the toggle does not allow this value',
  ],
  [
    'a toggle outside its list',
    withToggle('FALLBACK_PROVIDER', { incident: 'kraken' }),
    'toggles.FALLBACK_PROVIDER.incident',
    'the toggle does not allow this value',
  ],
  [
    'a toggle that helps against an unknown signal',
    withToggle('SCREENER_TTL_SECONDS', { helps: ['screener.batc'] }),
    'toggles.SCREENER_TTL_SECONDS.helps[0]',
    'there is no such signal',
  ],
  [
    'plain words in an unknown language',
    withSignal({ says: { de: 'langsam' } }),
    "signals['rest.latency'].says.de",
    'there is no such field',
  ],
  [
    'a broken policy',
    withToggle('RATE_LIMIT_POLICY', { normal: '60/m' }),
    'toggles.RATE_LIMIT_POLICY.normal',
    'the toggle does not allow this value',
  ],
  [
    'a severity left out',
    { ...runbook, severities: { ...runbook.severities, 'SEV-4': undefined } },
    "severities['SEV-4']",
    'this field is missing',
  ],
  ['a role of no signal', withRole({ errors: 'rest.erors' }), 'roles.errors', 'there is no such signal'],
  ['a role that is none', withRole({ latncy: 'rest.latency' }), 'roles.latncy', 'there is no such field'],
  [
    'a role of a signal that a metric measures',
    withRole({ latency: 'db.latency' }),
    'roles.latency',
    'this signal is measured by a metric of the system, so requests cannot feed it',
  ],
  [
    'times in the role of a share',
    withRole({ serverErrors: 'freshness' }),
    'roles.serverErrors',
    'what requests feed it cannot be judged like this',
  ],
  [
    'a share in the role of times',
    withRole({ roundTrip: 'provider.health' }),
    'roles.roundTrip',
    'what requests feed it cannot be judged like this',
  ],
  [
    'one signal in two roles',
    withRole({ serverErrors: 'rest.errors' }),
    'roles.serverErrors',
    'one signal cannot have two roles',
  ],
  [
    'down by no signal',
    withRole({ down: [{ signal: 'db.upp', when: 'last == 0' }] }),
    'roles.down[0].signal',
    'there is no such signal',
  ],
  [
    'down by a counter or histogram',
    withRole({ down: [{ signal: 'db.latency', when: 'max > 1s' }] }),
    'roles.down[0].signal',
    'one reading of this signal does not say whether the system is down',
  ],
  [
    'down by a percentile',
    withRole({ down: [{ signal: 'db.up', when: 'p95 > 1s' }] }),
    'roles.down[0].when',
    'a reading cannot be judged like this',
  ],
  [
    'down by one signal in two ways',
    withRole({ down: ['last == 0', 'last == 1'].map((when) => ({ signal: 'db.up', when })) }),
    'roles.down[1].signal',
    'this signal says it already',
  ],
  [
    'a breaker that is read nowhere',
    withRole({ breaker: { label: 'name' } }),
    'roles.breaker',
    'the state of a breaker can be read nowhere',
  ],
  [
    'a breaker with two states of one value',
    withRole({
      breaker: { label: 'name', state: { metric: 'm', values: { closed: 0, open: 1, 'half-open': 1 } } },
    }),
    'roles.breaker.state.values',
    'two states have one value',
  ],
  [
    'a time limit of no signal',
    withToggle('SCREENER_TTL_SECONDS', { limits: { signals: ['screener.batc'], unit: 's' } }),
    'toggles.SCREENER_TTL_SECONDS.limits.signals[0]',
    'there is no such signal',
  ],
  ['nobody to call', { ...runbook, contacts: [] }, 'contacts', 'this list holds too few contacts'],
])('%s is an error at its place', (_, found, path, message) => {
  expect(validateRunbook(found).filter(isError)).toEqual([expect.objectContaining({ path, message })]);
});

test('a bound that just touches is no overlap', () => {
  expect(validateRunbook(withSignal({ recovered: 'p95 <= 650ms' })).filter(isError)).toEqual([]);
  const closed = { trigger: { when: 'p95 >= 650ms', for: '5m' }, recovered: 'p95 <= 650ms' };
  expect(validateRunbook(withSignal(closed)).filter(isError)).toHaveLength(1);
});

test('a screener time limit that reaches the batch trigger is a warning, under it is none', () => {
  const warned = validateRunbook(withToggle('SCREENER_TTL_SECONDS', { incident: '90' }));
  expect(warned).toEqual([
    expect.objectContaining({ level: 'warning', path: 'toggles.SCREENER_TTL_SECONDS.incident' }),
  ]);
  expect(validateRunbook(withToggle('SCREENER_TTL_SECONDS', { incident: '89' }))).toEqual([]);
});

test('all faults are told at once, each with the nearest name', () => {
  const broken = { ...trigger('p95 > 2%'), zoen: 'x', languages: ['en', 'jp'], blindAfter: 'soon' };
  const faults = validateRunbook(broken).filter(isError);
  expect(faults.map(({ path }) => path).toSorted()).toEqual([
    'blindAfter',
    'languages[1]',
    "signals['rest.latency'].trigger.when",
    'zoen',
  ]);
  expect(faults.find(({ path }) => path === 'zoen')?.hint).toBe('did you mean zone?');
});

test('a runbook without a signal judges nothing', () => {
  const faults = validateRunbook({ ...runbook, signals: {} });
  expect(faults[0]).toMatchObject({ path: 'signals', message: 'nothing would ever be judged' });
});
