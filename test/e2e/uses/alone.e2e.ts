import { chmodSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { withEnvironment } from '../../../src/provision/process.ts';
import { copyCheckout } from '../../support/rig/checkout.ts';
import type { Checkout } from '../../support/rig/checkout.ts';
import { processesNaming } from '../../support/rig/rig.ts';
import { checksIn, envelopeOf, experimentIn, startSiaga } from '../../support/rig/siaga.ts';

// The shortest experiment there is: nothing falls back, nothing is declared, nothing has to recover.
const brief = `
import { defineExperiment, latency } from 'siaga';
import { solComplete } from '../checks/sol-complete.ts';
import { reference } from '../siaga.config.ts';

export default defineExperiment({
  name: 'brief',
  requirements: ['R17'],
  hypothesis: 'A slow second provider is not noticed while the first one answers',
  target: reference,
  steadyState: [solComplete],
  load: { scenario: 'steady', rate: 20 },
  faults: [{ proxy: 'okx', fault: latency('200ms'), for: '5s' }],
  expects: [],
  during: [],
  after: [],
});
`;

let checkout: Checkout;
let temporary: string;
beforeAll(() => {
  checkout = copyCheckout({ reference: true });
  checkout.write('chaos/brief.ts', brief);
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
  const ended = await startSiaga([...args, '--json'], { dir, from: dir, env: { TMPDIR: own } }).ended;
  const left = {
    children: withEnvironment('TMPDIR', own),
    naming: processesNaming(dir),
    files: readdirSync(own),
  };
  return { envelope: envelopeOf(ended), left };
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

  it('siaga gameday starts the system, breaks it, and leaves nothing', async () => {
    const { envelope, left } = await run(['gameday', 'brief']);
    expect([envelope.verdict, envelope.exitCode, envelope.reason]).toEqual(['passed', 0, '']);
    const { verdict, faults } = experimentIn(envelope);
    expect(verdict).toBe('held');
    expect(faults).toMatchObject([
      { proxy: 'okx', injected: true, removedBy: 'runner', proof: { proven: true } },
    ]);
    expect(left).toEqual(nothing);
  });
});
