import type { SampleBatch, SampleData } from '../samples.ts';
import { list, object, oneOf, orNull, record, tagged, text } from './shape.ts';
import { figure, moment, positive } from './units.ts';

type Data<K extends SampleData['kind']> = Extract<SampleData, { readonly kind: K }>;

export const sampleBatch = object<SampleBatch>({
  signal: text,
  labels: record(text),
  source: oneOf('probe', 'load', 'server', 'own'),
  from: moment,
  to: moment,
  data: tagged<SampleData, 'kind'>('kind', {
    values: object<Data<'values'>>({ kind: oneOf('values'), values: list(figure) }),
    ratio: object<Data<'ratio'>>({
      kind: oneOf('ratio'),
      total: positive,
      bad: positive,
      throttled: positive,
    }),
    histogram: object<Data<'histogram'>>({
      kind: oneOf('histogram'),
      le: list(orNull(figure)),
      counts: list(figure),
    }),
    counter: object<Data<'counter'>>({ kind: oneOf('counter'), increase: figure }),
  }),
});
