import type { ExpectationFacts, FaultFacts, Timing } from '../../event/catalogue.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import type { Shape } from './shape.ts';
import type { Tape } from './tape.ts';

function experiment(
  tape: Tape,
  name: string,
  requirements: readonly string[],
  hypothesis: string,
  expectations: readonly ExpectationFacts[],
): FaultFacts {
  const fault: FaultFacts = {
    fault: `siaga.${tape.run}.${name}`,
    proxy: 'coinapi',
    kind: 'down',
    attributes: {},
    stream: 'both',
    toxicity: 1,
    forMs: 20_000,
  };
  tape.write({ type: 'run.phase', data: { phase: name, detail: hypothesis } });
  tape.write({
    type: 'experiment.started',
    data: {
      name,
      requirements,
      hypothesis,
      expects: ['provider.health', 'breaker.state'],
      faults: [fault],
      expectations,
    },
  });
  tape.write({ type: 'experiment.phase', data: { experiment: name, phase: 'steady-state' } });
  tape.pass(4);
  tape.write({ type: 'experiment.phase', data: { experiment: name, phase: 'method' } });
  const { toxiproxy, expiresAt } = { toxiproxy: 'http://127.0.0.1:8474', expiresAt: tape.now + 60_000 };
  tape.write({ type: 'fault.planned', data: { ...fault, experiment: name, toxiproxy, expiresAt } });
  tape.write({
    type: 'fault.injected',
    data: { fault: fault.fault, proxy: fault.proxy, readBack: { enabled: false } },
  });
  return fault;
}

function prove(tape: Tape, { fault }: FaultFacts): void {
  tape.write({
    type: 'fault.proof',
    data: {
      fault,
      proven: true,
      why: 'all of 8 probes through the proxy failed, all of 8 past it answered, and the system called it 212 times before',
      through: { n: 8, failed: 8, medianMs: 0.8 },
      past: { n: 8, failed: 0, medianMs: 1.6 },
      calls: {
        before: { count: 212, errors: 0, meanMs: 2.1, overMs: 4_000 },
        during: { count: 24, errors: 24, meanMs: 1.2, overMs: 4_000 },
      },
    },
  });
}

export function providerDown(tape: Tape, shape: Shape): void {
  const name = 'provider-down';
  const expectations: readonly ExpectationFacts[] = [
    {
      id: 'breaker-opens',
      text: 'within 5 s the coinapi breaker opens',
      stage: 'during',
      mode: 'within',
      deadlineMs: 5_000,
    },
    {
      id: 'okx-answers',
      text: 'within 5 s sol-complete answers degraded: true, source: okx',
      stage: 'during',
      mode: 'within',
      deadlineMs: 5_000,
    },
    {
      id: 'latency-stays',
      text: 'throughout, rest.latency stays p95 <= 650ms',
      stage: 'during',
      mode: 'throughout',
    },
    {
      id: 'recovered',
      text: 'within 90 s the incident is RECOVERED',
      stage: 'after',
      mode: 'within',
      deadlineMs: 90_000,
    },
  ];
  const fault = experiment(
    tape,
    name,
    ['R30', 'R25'],
    'With CoinAPI gone, prices come from OKX, marked degraded, inside the runbook thresholds',
    expectations,
  );
  const injected = tape.last('fault.injected');
  tape.pass(2, { providerUp: false, fallback: true, p95: 210, breaker: 2 });
  prove(tape, fault);
  if (shape.killed === true) return;
  tape.pass(6);
  const settle = (id: string, text: string, outcome: 'met' | 'broken', got: string, afterMs: number) =>
    tape.write({
      type: 'expectation.settled',
      data: {
        experiment: name,
        expectation: id,
        outcome,
        got,
        allowed: text,
        afterMs,
        evidence: [injected.seq + 3],
        ...(outcome === 'broken' && { path: 'body.source' }),
      },
    });
  settle('breaker-opens', 'closed → open within 5 s', 'met', 'open after 1.2 s', 1_204);
  settle(
    'okx-answers',
    'degraded: true, source: okx',
    shape.broken === undefined ? 'met' : 'broken',
    shape.broken ?? 'degraded: true, source: okx',
    1_010,
  );
  settle('latency-stays', 'p95 <= 650 ms', 'met', 'p95 209 ms at most', 8_000);
  recover(tape, name, fault);
  settle('recovered', 'RECOVERED within 90 s', 'met', 'RECOVERED after 31 s', 31_000);
  settled(tape, name, shape.broken === undefined ? [] : [`okx-answers: got ${shape.broken}`]);
}

function recover(tape: Tape, name: string, { fault, proxy }: FaultFacts): void {
  tape.write({ type: 'experiment.phase', data: { experiment: name, phase: 'rollback' } });
  tape.write({ type: 'fault.removed', data: { fault, proxy, by: 'runner', rung: 'proxy-enabled' } });
  tape.write({ type: 'experiment.phase', data: { experiment: name, phase: 'recovery' } });
  tape.pass(2, { providerUp: true, breaker: 1 });
  tape.weather = { ...tape.weather, fallback: tape.weather.abnormal.length > 0, p95: 120, breaker: 0 };
  if (tape.weather.abnormal.length > 0) {
    tape.passUntil('restore-proposed');
    setToggles(tape, 'restore', { FEATURE_COINAPI_ENABLED: 'true', FEATURE_DEGRADED_MODE: 'false' });
    tape.pass(2, { abnormal: [], fallback: false });
  }
  tape.passUntil('recovered');
}

function timing(from: SiagaEvent, to: SiagaEvent | undefined): Timing {
  return { ms: (to?.at ?? from.at) - from.at, from: from.seq, to: to?.seq ?? from.seq, plusMinusMs: 1_000 };
}

function settled(tape: Tape, name: string, reasons: readonly string[]): void {
  const [injected, removed] = [tape.last('fault.injected'), tape.last('fault.removed')];
  const change = (...kinds: readonly string[]): SiagaEvent | undefined =>
    tape.events.find(
      (event) =>
        event.seq > injected.seq &&
        event.type === 'incident.transition' &&
        kinds.includes(event.data.change.kind),
    );
  const declared = change('declared', 'reopened');
  const mitigated = change('mitigated');
  const recovered = change('recovered');
  tape.write({
    type: 'experiment.finished',
    data: {
      name,
      verdict: reasons.length === 0 ? 'held' : 'weakness',
      reasons,
      timings: {
        detect: timing(injected, declared),
        contain: timing(injected, mitigated),
        recover: timing(removed, recovered),
      },
    },
  });
}

function setToggles(
  tape: Tape,
  purpose: 'contain' | 'restore',
  values: Readonly<Record<string, string>>,
): void {
  tape.write({
    type: 'toggle.applied',
    data: { values, purpose, via: 'environment and restart', durationMs: 2_140, ok: true },
  });
}

export function contained(tape: Tape, shape: Shape = {}): void {
  const name = 'provider-down-contained';
  const expectations: readonly ExpectationFacts[] = [
    {
      id: 'degraded',
      text: 'DEGRADED is declared and sent',
      stage: 'during',
      mode: 'within',
      deadlineMs: 30_000,
    },
    {
      id: 'recovered',
      text: 'within 90 s the incident is RECOVERED',
      stage: 'after',
      mode: 'within',
      deadlineMs: 90_000,
    },
  ];
  const fault = experiment(
    tape,
    name,
    ['R18', 'R30'],
    'Without automatic fallback the runbook contains the outage by its toggles',
    expectations,
  );
  tape.pass(2, { providerUp: false, errors: 0.3, freshness: 6_400, breaker: 2 });
  prove(tape, fault);
  tape.pass(10);
  setToggles(tape, 'contain', { FEATURE_COINAPI_ENABLED: 'false', FEATURE_DEGRADED_MODE: 'true' });
  tape.now += 2_000;
  tape.pass(6, {
    errors: 0,
    fallback: true,
    freshness: 600,
    abnormal: ['FEATURE_COINAPI_ENABLED', 'FEATURE_DEGRADED_MODE'],
  });
  const declared = tape.opened();
  for (const id of ['degraded', 'recovered'])
    if (id === 'degraded')
      tape.write({
        type: 'expectation.settled',
        data: {
          experiment: name,
          expectation: id,
          outcome: 'met',
          got: 'declared and sent',
          allowed: 'declared and sent',
          afterMs: 4_000,
          evidence: [declared.seq],
        },
      });
  if (shape.stable === true) return tape.passUntil('mitigated-stable');
  recover(tape, name, fault);
  tape.write({
    type: 'expectation.settled',
    data: {
      experiment: name,
      expectation: 'recovered',
      outcome: 'met',
      got: 'RECOVERED',
      allowed: 'RECOVERED within 90 s',
      afterMs: 44_000,
      evidence: [tape.last('incident.transition', 'recovered').seq],
    },
  });
  settled(tape, name, []);
}
