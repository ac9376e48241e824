import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, test } from 'vitest';
import { ownFaults } from '../src/adapter/effect/own.ts';
import { type AnyOwnFault, type UsedOwnFault, defineFault, own } from '../src/chaos/own-fault.ts';
import { noReporter } from '../src/effect/testing/reporter.ts';
import type { Json } from '../src/kernel/json.ts';
import { collect } from '../src/project/collect.ts';
import spoolFull from './projects/own/faults/spool-full.ts';
import { read } from './support/sources.ts';

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'siaga-own-fault-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const owner = { run: 'r', n: 1, expiresAt: 0 };
const prepare = (fault: UsedOwnFault) =>
  ownFaults({
    dir: folder,
    files: new Map([[fault.definition.kind, '/shop/faults/it.ts']]),
    owner: 'r',
    secrets: ['hunter2'],
  }).prepare({ owner, fault });

const command = (script: string) => [process.execPath, '-e', script] as const;

const hangs = (): Promise<never> => new Promise(() => undefined);

const throws = (): never => {
  throw new Error('broken');
};

const diagnose = (...faults: readonly AnyOwnFault[]) =>
  collect(
    'faults',
    faults.map((value, index) => ({ file: `faults/${index}.ts`, exports: { default: value } })),
  ).diagnostics;

test('the documented fault is the one that is tested', () => {
  expect(read('docs/own-parts.md')).toContain(read('test/projects/own/faults/spool-full.ts'));
});

test('it goes in, is confirmed, and comes out; its undo is plain data', async () => {
  const file = join(folder, 'filled-by-siaga');
  const effect = await prepare(own(spoolFull, { folder, bytes: 1_000 }));
  expect(existsSync(file)).toBe(false);
  expect(effect.recipe).toEqual({
    replay: 'module',
    kind: 'spool-full',
    folder,
    file: '/shop/faults/it.ts',
    data: { file },
    timeoutMs: 10_000,
  });
  await effect.inject(noReporter);
  expect(await effect.confirm()).toEqual({ state: 'as-set' });
  rmSync(file);
  expect(await effect.confirm()).toMatchObject({ state: 'gone' });
  expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'undone' });
});

describe('a fault of commands', () => {
  const file = 'require("node:path").join(process.cwd(), JSON.parse(process.env.SIAGA_FAULT).name)';
  const touching = defineFault({
    kind: 'touching',
    plan: () => ({ name: 'touched' }),
    inject: command(`require("node:fs").writeFileSync(${file}, "")`),
    confirm: command(`process.exit(require("node:fs").existsSync(${file}) ? 0 : 1)`),
    undo: command(`require("node:fs").rmSync(${file}, { force: true })`),
  });

  it('goes in, is confirmed, and comes out by itself and by its recipe', async () => {
    const effect = await prepare(own(touching));
    expect(effect.recipe).toMatchObject({
      replay: 'command',
      command: touching.undo,
      cwd: folder,
      env: { SIAGA_FAULT: '{"name":"touched"}' },
    });
    await effect.inject(noReporter);
    expect(await effect.confirm()).toEqual({ state: 'as-set' });
    expect(await effect.undo(noReporter)).toEqual({ done: true, step: 'undone' });
    expect(await effect.confirm()).toMatchObject({ state: 'gone' });
  });

  it('that fails says so, without secrets, and leaves no child that keeps anybody waiting', async () => {
    const leaving = `require("node:child_process").spawn("sleep", ["60"], { stdio: "inherit" }).unref(); console.error("hunter2"); process.exit(7)`;
    const effect = await prepare(own({ ...touching, undo: command(leaving) }));
    const undone = await effect.undo(noReporter);
    expect(undone).toMatchObject({ done: false, tried: [expect.stringContaining('exit')] });
    expect(JSON.stringify(undone)).not.toContain('hunter2');
  });
});

describe('a fault that misbehaves never does so beyond its step', () => {
  const sound: AnyOwnFault = {
    kind: 'odd',
    timeout: '100ms',
    inject: () => undefined,
    confirm: () => true,
    undo: () => undefined,
  };
  const odd = (over: Partial<AnyOwnFault>) => own({ ...sound, ...over });

  it.each<[string, Partial<AnyOwnFault>, string]>([
    ['a plan that throws', { plan: throws }, 'broken'],
    ['a plan that hangs', { plan: hangs }, 'no answer within 0.1 s'],
    ['a plan that is no plain data', { plan: () => ({ socket: new Map() }) as unknown as Json }, 'own-fault'],
  ])('%s: nothing is touched', async (_, over, why) => {
    await expect(prepare(odd(over))).rejects.toSatisfy((error: { code?: string; message: string }) =>
      `${error.code} ${error.message}`.includes(why),
    );
  });

  it.each<[string, Partial<AnyOwnFault>, string]>([
    ['an inject that throws', { inject: throws }, 'broken'],
    ['an inject that hangs', { inject: hangs }, 'no answer within 0.1 s'],
    ['a confirm that says no', { confirm: () => false }, 'was injected and is not there'],
    ['a confirm that says nonsense', { confirm: () => 'yes' as never }, 'did not do its part'],
  ])('%s: the injection fails', async (_, over, why) => {
    await expect((await prepare(odd(over))).inject(noReporter)).rejects.toThrow(why);
  });

  it.each<[string, Partial<AnyOwnFault>, string]>([
    ['an undo that throws', { undo: throws }, 'undo: broken'],
    ['an undo that hangs', { undo: hangs }, 'undo: no answer within 0.1 s'],
    ['an undo that undoes nothing', {}, 'undo: it is still there, as its own confirm says'],
    ['a confirm that throws after the undo', { confirm: throws }, 'confirm after the undo: broken'],
    [
      'a confirm that hangs after the undo',
      { confirm: hangs },
      'confirm after the undo: no answer within 0.1 s',
    ],
  ])('%s: it is stuck, and says why', async (_, over, why) => {
    expect(await (await prepare(odd(over))).undo(noReporter)).toMatchObject({ done: false, tried: [why] });
  });
});

describe('siaga validate', () => {
  const sound = defineFault({ kind: 'mine', inject: ['true'], confirm: ['true'], undo: ['true'] });

  it('takes a sound one', () => {
    expect(diagnose(sound, spoolFull)).toEqual([]);
  });

  it.each<[string, readonly AnyOwnFault[], string]>([
    ['two that claim one kind', [sound, { ...sound }], 'this kind is taken by another fault'],
    ["one that claims Siaga's own", [{ ...sound, kind: 'latency' }], 'this text has another form'],
    ['one without an undo', [{ ...sound, undo: undefined as never }], 'this field is missing'],
    ['a command without words', [{ ...sound, inject: [] as never }], 'this list holds too few words'],
    ['a timeout of an hour', [{ ...sound, timeout: '1h' }], 'this duration is out of bounds'],
  ])('refuses %s', (_, faults, message) => {
    expect(diagnose(...faults)).toMatchObject([{ level: 'error', message }]);
  });
});
