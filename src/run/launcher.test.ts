import { describe, expect, it } from 'vitest';
import { loadLauncher } from '../adapter/launcher.ts';
import { selectTarget } from '../project/select.ts';
import { launcherOf } from './launcher.ts';
import type { Platform } from './platform.ts';
import { resolveTarget } from './resolve-target.ts';

const installed = { launcher: () => Promise.resolve(undefined) } as unknown as Platform;
const config = { targets: [{ name: 'local', url: 'reference', proxies: {} }] };

describe('without a launcher, as in an installed package', () => {
  const request = { projectDir: '/nowhere', breaks: 'nothing' as const };

  it('a target that is the reference system ends with 2 and says what to do', async () => {
    const selected = selectTarget(config, undefined, {});
    await expect(resolveTarget({ ...request, selected }, installed)).rejects.toMatchObject({
      code: 'reference-not-shipped',
      exitCode: 2,
      facts: { hint: expect.stringContaining('SIAGA_TARGET_URL') },
    });
  });

  it('the same target at an address of its own is reached there', async () => {
    const selected = selectTarget(config, undefined, { SIAGA_TARGET_URL: 'http://127.0.0.1:9' });
    expect(await resolveTarget({ ...request, selected }, installed)).toMatchObject({
      url: 'http://127.0.0.1:9',
    });
  });
});

it('in a checkout the launcher is found', async () => {
  const launcher = await launcherOf({ launcher: loadLauncher });
  expect(launcher.tools.map(({ name }) => name)).toEqual(['k6', 'toxiproxy', 'postgres', 'redis']);
});
