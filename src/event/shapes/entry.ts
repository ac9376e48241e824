import type { Entry, IncidentEntry } from '../entry.ts';
import { flag, object, oneOf, optional, tagged, text } from './shape.ts';
import { count, severity } from './units.ts';

type Said<K extends Entry['kind']> = Extract<Entry, { readonly kind: K }>;

export const entry = tagged<Entry, 'kind'>('kind', {
  acknowledged: object<Said<'acknowledged'>>({ kind: oneOf('acknowledged') }),
  assigned: object<Said<'assigned'>>({ kind: oneOf('assigned'), role: text, to: text }),
  note: object<Said<'note'>>({ kind: oneOf('note'), text }),
  triage: object<Said<'triage'>>({
    kind: oneOf('triage'),
    what: optional(text),
    who: optional(text),
    severity: optional(severity),
    blastRadius: optional(text),
  }),
  cause: object<Said<'cause'>>({ kind: oneOf('cause'), text, final: flag }),
  fix: object<Said<'fix'>>({ kind: oneOf('fix'), text, commit: optional(text) }),
  users: object<Said<'users'>>({
    kind: oneOf('users'),
    affected: optional(count),
    noticedFirst: optional(flag),
  }),
  resolved: object<Said<'resolved'>>({ kind: oneOf('resolved'), text }),
});

/** What a person put on the record of an incident. */
export const incidentEntry = object<IncidentEntry>({ incident: text, by: text, entry });
