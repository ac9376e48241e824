import type { ProcessMark } from '../../kernel/ports.ts';
import type { Invocation, Problem, RunFinished, RunPhase, RunStarted } from '../catalogue.ts';
import type { GatePartEnded } from '../gate.ts';
import { flag, list, object, oneOf, optional, record, text, yes } from './shape.ts';
import { judgeSpec } from './specs.ts';
import { count, span } from './units.ts';

export const processMark = object<ProcessMark>({ machine: text, pid: count, startTime: text });

export const runStarted = object<RunStarted>({
  process: optional(processMark),
  command: text,
  subject: text,
  target: object<RunStarted['target']>({ name: text, url: text }),
  drill: flag,
  judge: judgeSpec,
  contacts: list(object<RunStarted['contacts'][number]>({ role: text, name: text })),
  endpoints: list(text),
  versions: record(text),
  state: oneOf('project', 'stateless'),
  repeat: text,
  invocation: optional(
    object<Invocation>({
      words: text,
      project: optional(text),
      target: optional(text),
      address: optional(text),
    }),
  ),
  called: optional(text),
  showBodies: optional(yes),
  documents: optional(
    object<NonNullable<RunStarted['documents']>>({ draftMs: span, reportMs: span, reviewMs: span }),
  ),
});

export const runFinished = object<RunFinished>({
  verdict: oneOf('passed', 'failed', 'inconclusive', 'rollback-failed', 'interrupted', 'error'),
  exitCode: count,
  reason: text,
});

export const runPhase = object<RunPhase>({
  phase: text,
  part: optional(oneOf('candidate', 'checks', 'load', 'experiments', 'experiment', 'staying')),
  detail: optional(text),
  drill: optional(flag),
});

export const gatePart = object<GatePartEnded>({
  part: oneOf('candidate', 'checks', 'load', 'experiments'),
  outcome: oneOf('passed', 'failed', 'inconclusive', 'not-run'),
  reason: text,
  retried: flag,
});

export const problem = object<Problem>({ code: text, message: text, hint: optional(text) });
