import type { Severity } from './specs.ts';

/** What a person put on the record of an incident: nothing that is measured can say it. */
export interface IncidentEntry {
  readonly incident: string;
  /** Who says so, as they are called. */
  readonly by: string;
  readonly entry: Entry;
}

export type Entry =
  /** Somebody has it in hand. */
  | { readonly kind: 'acknowledged' }
  | { readonly kind: 'assigned'; readonly role: string; readonly to: string }
  | { readonly kind: 'note'; readonly text: string }
  /** The four answers of a triage, as far as they are known; a later one replaces an earlier one. */
  | ({ readonly kind: 'triage' } & TriageAnswers)
  /** Provisional until it is final. */
  | { readonly kind: 'cause'; readonly text: string; readonly final: boolean }
  | { readonly kind: 'fix'; readonly text: string; readonly commit?: string }
  /** `affected` is absent where nobody knows; `noticedFirst`: a user said so before Siaga did. */
  | { readonly kind: 'users'; readonly affected?: number; readonly noticedFirst?: boolean }
  /** It is over, and what had to be done about it is done. */
  | { readonly kind: 'resolved'; readonly text: string };

export interface TriageAnswers {
  /** What does not work. */
  readonly what?: string;
  /** Who is affected. */
  readonly who?: string;
  /** How bad people hold it to be; what Siaga judges by does not change. */
  readonly severity?: Severity;
  /** What else it may reach. */
  readonly blastRadius?: string;
}
