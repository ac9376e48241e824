import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import type { ActionFacts } from '../event/history.ts';
import { sameValue } from '../kernel/setting.ts';
import type { Marker } from './model.ts';

/** For as long as it was in force, with the events that say so. */
export interface Action extends ActionFacts {
  readonly seq: { readonly from: number; readonly to?: number };
}

/** What is in force at one moment. */
export interface ActionsInForce {
  /** The oldest first, without what only set the stage of a drill. */
  readonly actions: readonly Action[];
  /** Whether the newest read of the toggles succeeded: only then is it known that nobody set any. */
  readonly togglesKnown: boolean;
}

interface Ledger {
  readonly all: Action[];
  /** Index into `all` of what is in force, by kind and name. */
  readonly open: Map<string, number>;
  /** What Siaga planned or set last, by toggle. */
  readonly ours: Map<string, { readonly value: string; readonly purpose: 'prepare' | 'contain' }>;
  fallbackState: string;
}

/**
 * Every action, in the order it came into force.
 * @param events of one target, in order of sequence.
 */
export function foldActions(events: readonly SiagaEvent[]): readonly Action[] {
  const ledger: Ledger = { all: [], open: new Map(), ours: new Map(), fallbackState: '' };
  for (const event of events) step(ledger, event);
  return ledger.all;
}

/** What was in force right after an event. Events after it change nothing. */
export function actionsAt(events: readonly SiagaEvent[], seq: number): ActionsInForce {
  const until = events.filter((event) => event.seq <= seq);
  const at = until.at(-1)?.at ?? 0;
  return { actions: inForceAt(foldActions(until), Infinity), togglesKnown: togglesKnownAt(until, at) };
}

/** Those in force at a time (UTC ms), without what only set the stage of a drill. */
export function inForceAt(actions: readonly Action[], at: number): readonly Action[] {
  return actions.filter(
    ({ from, to = Infinity, purpose }) => from <= at && (to > at || to === Infinity) && purpose !== 'prepare',
  );
}

/** Whether the newest read of the toggles up to a time (UTC ms), here or in a run before, succeeded. */
export function togglesKnownAt(events: readonly SiagaEvent[], at: number): boolean {
  let known = false;
  for (const event of events) {
    if (event.type === 'toggle.read' && event.at <= at) known = event.data.ok;
    if (event.type === 'incident.history') known = event.data.episodes.at(-1)?.togglesKnown ?? known;
  }
  return known;
}

function step(ledger: Ledger, event: SiagaEvent): void {
  switch (event.type) {
    case 'run.started':
      ledger.fallbackState = event.data.judge.recovery?.fallbackState ?? '';
      break;
    case 'incident.history':
      event.data.episodes.forEach(({ actions }) => inherit(ledger, actions, event.seq));
      break;
    case 'toggle.planned':
      own(ledger, event.data.values, event.data.purpose);
      break;
    case 'toggle.applied':
      own(ledger, event.data.values, event.data.purpose);
      break;
    case 'toggle.read':
      takeToggles(ledger, event);
      break;
    case 'check.finished':
      takeFallback(ledger, event);
      break;
  }
}

// What is put back is what was found, which is nobody's doing but its finder's.
function own({ ours }: Ledger, values: Readonly<Record<string, string>>, purpose: string): void {
  for (const [name, value] of Object.entries(values)) {
    if (purpose === 'prepare' || purpose === 'contain') ours.set(name, { value, purpose });
    else ours.delete(name);
  }
}

function takeToggles(ledger: Ledger, { data, at, seq }: EventOf<'toggle.read'>): void {
  const odd = new Map(data.abnormal.map(({ name, got, normal }) => [name, { got, normal }]));
  for (const [key, index] of ledger.open) {
    const action = ledger.all[index];
    // Of one that was not reported nothing new is known.
    if (action?.kind !== 'toggle' || (!data.ok && !Object.hasOwn(data.values, action.name))) continue;
    const now = odd.get(action.name);
    const same = now !== undefined && sameValue(now.got, action.value);
    if (!same || isPutToUse(ledger, action)) close(ledger, key, { at, seq });
  }
  for (const [name, { got, normal }] of odd) {
    const toggle = { kind: 'toggle', name, value: got, normal, from: at, seq: { from: seq } } as const;
    begin(ledger, { ...toggle, ...whoSet(ledger, name, got) });
  }
}

function whoSet({ ours }: Ledger, name: string, got: string): Pick<Action, 'by' | 'purpose'> {
  const set = ours.get(name);
  return set && sameValue(set.value, got) ? { by: 'siaga', purpose: set.purpose } : { by: 'person' };
}

/** What set the stage of a drill is now meant against the incident. */
function isPutToUse({ ours }: Ledger, { name, purpose }: Action): boolean {
  return purpose === 'prepare' && ours.get(name)?.purpose === 'contain';
}

function takeFallback(ledger: Ledger, { data, at, seq }: EventOf<'check.finished'>): void {
  const name = ledger.fallbackState;
  const value = data.states[name];
  if (value === true)
    begin(ledger, { kind: 'fallback', name, value: 'true', by: 'system', from: at, seq: { from: seq } });
  if (value === false) close(ledger, `fallback ${name}`, { at, seq });
}

// What earlier runs saw cites the event that tells it, unless their own events are here.
function inherit(ledger: Ledger, actions: readonly ActionFacts[], seq: number): void {
  for (const action of actions) {
    const known = ledger.all.some(
      ({ kind, name, from }) => kind === action.kind && name === action.name && from === action.from,
    );
    if (known) continue;
    if (action.to === undefined) begin(ledger, { ...action, seq: { from: seq } });
    else ledger.all.push({ ...action, seq: { from: seq, to: seq } });
  }
}

function begin({ all, open }: Ledger, action: Action): void {
  const key = `${action.kind} ${action.name}`;
  if (open.has(key)) return;
  open.set(key, all.length);
  all.push(action);
}

function close({ all, open }: Ledger, key: string, until: Marker): void {
  const index = open.get(key);
  const action = index === undefined ? undefined : all[index];
  if (index === undefined || action === undefined) return;
  all[index] = { ...action, to: until.at, seq: { ...action.seq, to: until.seq } };
  open.delete(key);
}
