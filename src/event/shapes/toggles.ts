import type { ToggleApplied, TogglePlanned, ToggleRead } from '../toggles.ts';
import { flag, list, object, oneOf, optional, record, text } from './shape.ts';
import { span } from './units.ts';

export const togglePlanned = object<TogglePlanned>({
  experiment: text,
  values: record(text),
  before: record(text),
  purpose: oneOf('prepare', 'contain'),
  via: text,
  place: text,
});

export const toggleApplied = object<ToggleApplied>({
  values: record(text),
  purpose: oneOf('prepare', 'contain', 'restore'),
  via: text,
  by: optional(oneOf('guard', 'heal')),
  durationMs: span,
  ok: flag,
  reason: optional(text),
});

export const abnormalToggles = list(
  object<ToggleRead['abnormal'][number]>({ name: text, got: text, normal: text }),
);

export const toggleRead = object<ToggleRead>({
  values: record(text),
  abnormal: abnormalToggles,
  ok: flag,
  reason: optional(text),
});
