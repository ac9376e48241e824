import type { Draft, SiagaEvent } from '../../event/envelope.ts';
import type { Firing, IncidentChange, Symptoms } from '../../event/incident.ts';
import type { JudgeSpec, Severity } from '../../event/specs.ts';

export const origin = Date.UTC(2026, 8, 13, 3, 40);
export const second = 1_000;
/** What tells of users' requests. */
export const errors = 'rest.errors';

/** Drafts as the events of one run, each with its own second unless it says when. */
export function tale(drafts: readonly Draft[], run = 'r1', from = 1): readonly SiagaEvent[] {
  return drafts.map((draft, index) => {
    const at = draft.at ?? origin + index * second;
    return { v: 1, seq: from + index, run, mono: at - origin, boot: run, ...draft, at } as SiagaEvent;
  });
}

export const judge = {
  speed: 1,
  zone: 'UTC',
  bucketMs: 60 * second,
  latenessMs: 5 * second,
  signals: [
    {
      name: errors,
      title: 'REST errors',
      requirements: [],
      group: 'service',
      inhibits: [],
      unit: 'ratio',
      source: 'load',
      minSamples: 20,
      severity: 'SEV-2',
      trigger: { statistic: 'rate', comparison: '>', value: 0.02, buckets: 5 },
    },
  ],
  recovery: { fallbackState: 'on-fallback', wholeHold: { signal: errors }, criteria: [] },
  normalToggles: { CACHE: 'on', LIMIT: '4' },
} as unknown as JudgeSpec;

export const started = (facts: { readonly drill?: boolean; readonly command?: string } = {}): Draft => ({
  type: 'run.started',
  data: {
    command: 'check',
    subject: '',
    target: { name: 't', url: 'http://t' },
    drill: false,
    contacts: [],
    endpoints: [],
    versions: {},
    state: 'project',
    repeat: 'siaga check',
    judge,
    ...facts,
  },
});

export const symptoms: Symptoms = { windowMs: 1, p95: null, errorRatio: null, n: 0 };

export function firing(signal: string, since = origin): Firing {
  return { signal, got: 'rate 30% (n=100)', allowed: 'rate <= 2%', since, evidence: [1] };
}

export function changed(ordinal: number, change: IncidentChange, at?: number, incident = 'INC-1'): Draft {
  const effectiveAt = at ?? origin + ordinal * second;
  return {
    type: 'incident.transition',
    at: effectiveAt,
    data: { incident, group: 'service', ordinal, effectiveAt, drill: false, change },
  };
}

export const declared = (severity: Severity = 'SEV-2', since = origin): IncidentChange => ({
  kind: 'declared',
  severity,
  by: firing(errors, since),
  symptoms,
});
export const reopened = (severity: Severity, since = origin): IncidentChange => ({
  kind: 'reopened',
  severity,
  by: firing(errors, since),
  symptoms,
});
export const recovered: IncidentChange = { kind: 'recovered', criteria: [], symptoms };
export const mitigated: IncidentChange = { kind: 'mitigated', because: 'inside the thresholds' };

type Toggles = Readonly<Record<string, string>>;

const toggles = { CACHE: 'on', LIMIT: '4' };

/** The toggles as the system tells them; what is not named is normal. */
export function read(odd: Toggles = {}, at?: number): Draft {
  const abnormal = Object.entries(odd).map(([name, got]) => ({
    name,
    got,
    normal: judge.normalToggles[name] ?? '',
  }));
  const data = { values: { ...toggles, ...odd }, abnormal, ok: true };
  return { type: 'toggle.read', data, ...(at !== undefined && { at }) };
}

export const unreadable: Draft = {
  type: 'toggle.read',
  data: { values: {}, abnormal: [], ok: false, reason: 'the system does not answer' },
};

export const planned = (values: Toggles, purpose: 'prepare' | 'contain'): Draft => ({
  type: 'toggle.planned',
  data: { experiment: 'e', values, before: {}, purpose, via: 'admin', place: 'http://t' },
});

export const applied = (
  values: Toggles,
  purpose: 'prepare' | 'contain' | 'restore',
  at?: number,
  durationMs = 1_000,
): Draft => ({
  type: 'toggle.applied',
  data: { values, purpose, via: 'environment and restart', durationMs, ok: true },
  ...(at !== undefined && { at }),
});

export const told = (states: Readonly<Record<string, boolean>>): Draft => ({
  type: 'check.finished',
  data: {
    check: 'health',
    title: 'health',
    tags: [],
    outcome: 'passed',
    violations: [],
    durationMs: 1,
    latenessMs: 0,
    loopLagMs: 0,
    lane: 'l',
    states,
  },
});
/** Requests of one second, or of as long as it says, to one endpoint. */
export function requests(
  total: number,
  bad: number,
  from: number,
  {
    endpoint = 'GET /x',
    lengthMs = second,
    source = 'load',
  }: { readonly endpoint?: string; readonly lengthMs?: number; readonly source?: 'load' | 'probe' } = {},
): Draft {
  return {
    type: 'samples',
    at: from + lengthMs,
    data: {
      signal: errors,
      labels: { endpoint },
      source,
      from,
      to: from + lengthMs,
      data: { kind: 'ratio', total, bad, throttled: 0 },
    },
  };
}

const fault = {
  fault: 'fault-1',
  proxy: 'db',
  kind: 'latency',
  attributes: { latency: 1_000 },
  stream: 'downstream',
  toxicity: 1,
  forMs: 60 * second,
} as const;

/** An experiment whose fault goes in at this time. */
export function faultIn(at: number): readonly Draft[] {
  const experiment: Draft = {
    type: 'experiment.started',
    at: at - 2,
    data: {
      name: 'db-slow',
      requirements: [],
      hypothesis: 'h',
      expects: [],
      faults: [fault],
      expectations: [],
    },
  };
  const plan = { experiment: 'db-slow', toxiproxy: 'http://t', expiresAt: at + 60 * second };
  return [
    experiment,
    { type: 'fault.planned', at: at - 1, data: { ...fault, ...plan } },
    { type: 'fault.injected', at, data: { fault: fault.fault, proxy: fault.proxy, readBack: null } },
  ];
}

export const faultOut = (at: number): Draft => ({
  type: 'fault.removed',
  at,
  data: { fault: fault.fault, proxy: fault.proxy, by: 'runner', rung: 'toxic-deleted' },
});
