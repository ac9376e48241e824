import runbook from '../../../runbook.ts';
import type { SiagaEvent } from '../../event/envelope.ts';
import { compileJudge } from '../../runbook/judge.ts';
import { contained, providerDown } from './experiments.ts';
import type { Shape } from './shape.ts';
import { Tape } from './tape.ts';
import { coreChecks } from './world.ts';

const origin = Date.UTC(2026, 8, 13, 3, 40, 0);

/** The events of a game day, always the same for the same shape. */
export function gameDay(shape: Shape = {}): readonly SiagaEvent[] {
  const { speed = 30 } = shape;
  const tape = new Tape('gd-20260913-0340', origin, shape.undelivered);
  start(tape, speed, shape.drill ?? true);
  providerDown(tape, shape);
  if (shape.killed === true) return tape.events;
  if (shape.short !== true) contained(tape, shape);
  finish(tape, shape);
  return tape.events;
}

function start(tape: Tape, speed: number, drill: boolean): void {
  tape.write({
    type: 'run.started',
    data: {
      command: 'gameday',
      subject: 'default',
      target: { name: 'reference', url: 'http://127.0.0.1:4180' },
      drill,
      judge: compileJudge(runbook, { speed, loadRunning: true, coreChecks }),
      contacts: runbook.contacts.map(({ role, name }) => ({ role, name })),
      endpoints: [
        'GET /api/pairs/supported',
        'GET /api/sol/complete',
        'GET /api/coinapi/health',
        'POST /api/screener/screen',
      ],
      versions: { siaga: '0.1.0', k6: '1.8.1', toxiproxy: '2.5.0' },
      state: 'project',
      repeat: `siaga gameday --speed ${speed}`,
      invocation: { words: 'gameday' },
      documents: { draftMs: 600_000, reportMs: 86_400_000, reviewMs: 172_800_000 },
    },
  });
  tape.write({
    type: 'run.phase',
    data: { phase: 'steady state', detail: 'six core checks, load at 52 iterations/s' },
  });
  tape.write({
    type: 'load.started',
    data: {
      load: 'steady',
      script: 'scenarios/steady.ts',
      tool: 'k6 1.8.1',
      rate: 52,
      durationMs: 600_000,
      thresholds: {},
    },
  });
  tape.pass(8);
}

function finish(tape: Tape, { broken }: Shape): void {
  tape.write({
    type: 'load.finished',
    data: {
      load: 'steady',
      outcome: 'passed',
      violations: [],
      exitCode: 103,
      requests: 9_800,
      iterations: 9_800,
      dropped: 0,
      exceptions: 0,
      offeredRate: 52,
      achievedRate: 51.97,
      durationMs: 188_000,
      endpoints: [],
      raw: 'raw/steady.json.gz',
    },
  });
  tape.write({
    type: 'run.finished',
    data:
      broken === undefined
        ? { verdict: 'passed', exitCode: 0, reason: '' }
        : { verdict: 'failed', exitCode: 1, reason: `provider-down: okx-answers got ${broken}` },
  });
}
