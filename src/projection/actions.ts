import type { EventOf, SiagaEvent } from '../event/envelope.ts';
import { sameValue } from '../kernel/setting.ts';
import type { Marker } from './model.ts';
import { ofType } from './pick.ts';

/**
 * Something that is not as it normally is, for as long as it was in force: a toggle that reads otherwise than normal,
 * or the fallback that the system says it is on.
 */
export interface Action {
  readonly kind: 'toggle' | 'fallback';
  /** Of the toggle, or of the state that says so. */
  readonly name: string;
  readonly value: string;
  /** Of the toggle; absent for the fallback. */
  readonly normal?: string;
  /**
   * Who did it: Siaga, where it had planned that value; else a person, for a toggle does not change by itself. The
   * fallback is the system's own doing.
   */
  readonly by: 'siaga' | 'person' | 'system';
  /** Of what Siaga set: to set the stage of a drill, or against an incident. */
  readonly purpose?: 'prepare' | 'contain';
  /** Read back, or told, for the first time. */
  readonly since: Marker;
  /** Read back normal, or told to be over; absent while it is in force. */
  readonly until?: Marker;
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
  return {
    actions: foldActions(until).filter(
      (action) => action.until === undefined && action.purpose !== 'prepare',
    ),
    togglesKnown: ofType(until, 'toggle.read').at(-1)?.data.ok === true,
  };
}

function step(ledger: Ledger, event: SiagaEvent): void {
  switch (event.type) {
    case 'run.started':
      ledger.fallbackState = event.data.judge.recovery?.fallbackState ?? '';
      break;
    case 'toggle.planned':
      own(ledger, event.data.values, event.data.purpose);
      break;
    case 'toggle.applied':
      own(ledger, event.data.values, event.data.purpose);
      break;
    case 'toggle.read':
      if (event.data.ok) takeToggles(ledger, event);
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
    if (action?.kind !== 'toggle') continue;
    const now = odd.get(action.name);
    const same = now !== undefined && sameValue(now.got, action.value);
    if (!same || isPutToUse(ledger, action)) close(ledger, key, { at, seq });
  }
  for (const [name, { got, normal }] of odd) {
    const toggle = { kind: 'toggle', name, value: got, normal, since: { at, seq } } as const;
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
  const told = data.states[name];
  if (told === true)
    begin(ledger, { kind: 'fallback', name, value: 'true', by: 'system', since: { at, seq } });
  if (told === false) close(ledger, `fallback ${name}`, { at, seq });
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
  all[index] = { ...action, until };
  open.delete(key);
}
