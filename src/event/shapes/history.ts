import type {
  ActionFacts,
  EntryHistory,
  EpisodeHistory,
  FailedAnswers,
  IncidentHistory,
  RequestCounts,
} from '../history.ts';
import { entry } from './entry.ts';
import { flag, list, object, oneOf, optional, text } from './shape.ts';
import { count, moment, positive } from './units.ts';

const counts = { requests: positive, errors: positive, throttled: positive };
const requests = object<RequestCounts>(counts);

const action = object<ActionFacts>({
  kind: oneOf('toggle', 'fallback'),
  name: text,
  value: text,
  normal: optional(text),
  by: oneOf('siaga', 'person', 'system'),
  purpose: optional(oneOf('prepare', 'contain')),
  from: moment,
  to: optional(moment),
});

const episode = object<EpisodeHistory>({
  ordinal: count,
  from: moment,
  to: moment,
  total: requests,
  rows: list(
    object<EpisodeHistory['rows'][number]>({
      endpoint: text,
      source: oneOf('probe', 'load', 'server', 'own'),
      ...counts,
    }),
  ),
  degraded: requests,
  peak: optional(
    object<NonNullable<EpisodeHistory['peak']>>({ from: moment, requests: positive, errors: positive }),
  ),
  restarts: requests,
  across: requests,
  answers: optional(list(object<FailedAnswers>({ endpoint: text, errors: count, wrong: count }))),
  actions: list(action),
  togglesKnown: flag,
});

export const history = object<IncidentHistory>({
  incident: text,
  runs: list(text),
  episodes: list(episode),
  entries: optional(list(object<EntryHistory>({ at: moment, by: text, entry }))),
});
