import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withEnvironment } from '../../../src/tools/process.ts';
import { copyCheckout } from '../../support/rig/checkout.ts';
import type { Checkout } from '../../support/rig/checkout.ts';
import { processesNaming } from '../../support/rig/rig.ts';
import { checksIn, envelopeOf, startSiaga } from '../../support/rig/siaga.ts';

let checkout: Checkout;
let temporary: string;
beforeAll(() => {
  checkout = copyCheckout({ reference: true });
  temporary = mkdtempSync(join(realpathSync(tmpdir()), 'siaga-alone-'));
  // Postgres runs as another user where the test is root.
  chmodSync(temporary, 0o755);
});
afterAll(() => {
  checkout[Symbol.dispose]();
  rmSync(temporary, { recursive: true, force: true });
});

/** Runs a command with a folder for temporary files of its own, and looks what is left of it. */
async function run(args: readonly string[]) {
  const { dir } = checkout;
  const own = join(temporary, String(readdirSync(temporary).length));
  mkdirSync(own);
  chmodSync(own, 0o777);
  const running = startSiaga([...args, '--json'], { dir, from: dir, env: { TMPDIR: own } });
  const ended = await running.ended;
  const left = {
    children: withEnvironment('TMPDIR', own),
    naming: processesNaming(dir),
    files: readdirSync(own),
  };
  return { envelope: envelopeOf(ended), events: running.events(), left };
}

const nothing = { children: [], naming: [], files: [] };

describe('on a machine where nothing runs', () => {
  it('siaga check starts the system, passes in one envelope, and leaves nothing', async () => {
    const { envelope, left } = await run(['check']);
    expect([envelope.verdict, envelope.exitCode, envelope.reason]).toEqual(['passed', 0, '']);
    expect(envelope.target?.name).toBe('reference');
    expect(envelope.speed).toBe(30);
    expect(checksIn(envelope).filter(({ outcome }) => outcome !== 'passed')).toEqual([]);
    expect(left).toEqual(nothing);
  });

  it('siaga gameday starts it, breaks it in turn, sees each recover (R3, R18, R30, R39), and leaves nothing', async () => {
    const names = ['database-slow', 'provider-down-contained'];
    const { envelope, events, left } = await run(['gameday', ...names]);
    expect([envelope.verdict, envelope.exitCode, envelope.reason]).toEqual(['passed', 0, '']);
    expect(left).toEqual(nothing);

    const experiments = envelope.results.filter((result) => result.kind === 'experiment');
    expect(experiments.map(({ name, verdict }) => [name, verdict])).toEqual(
      names.map((name) => [name, 'held']),
    );
    for (const { faults, timings } of experiments) {
      expect(faults).toMatchObject([{ injected: true, removedBy: 'runner', proof: { proven: true } }]);
      expect(timings).toEqual({
        detectMs: expect.any(Number),
        containMs: expect.any(Number),
        recoverMs: expect.any(Number),
      });
    }
    expect(envelope.incidents.map(({ phase, drill }) => [phase, drill])).toEqual(
      names.map(() => ['recovered', true]),
    );
    const applied = events.flatMap(({ type, data }) => (type === 'toggle.applied' ? [data] : []));
    expect(applied.map(({ purpose, ok }) => [purpose, ok])).toEqual([
      ['prepare', true],
      ['contain', true],
      ['restore', true],
    ]);
    const read = events.flatMap(({ type, data }) => (type === 'toggle.read' ? [data] : []));
    expect(read.at(-1)).toMatchObject({ ok: true, abnormal: [] });
  });
});
