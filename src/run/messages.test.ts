import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { systemClock } from '../adapter/system.ts';
import { openChannels } from '../adapter/channel/kinds.ts';
import type { Draft } from '../event/envelope.ts';
import type { Ending } from '../exercise/ending.ts';
import type { Store } from '../event/store.ts';
import type { Channel } from '../project/target.ts';
import type { SoundProject } from '../project/types.ts';
import { compileJudge } from '../runbook/judge.ts';
import { openStore } from '../store/store.ts';
import { commandsOf, startTelling } from './messages.ts';
import type { Platform } from './platform.ts';

let folder: string;
let server: Server;
let store: Store;
let told: string[];

beforeEach(async () => {
  told = [];
  folder = mkdtempSync(join(tmpdir(), 'siaga-telling-'));
  store = openStore(join(folder, 'siaga.db'));
  server = createServer((incoming, response) => {
    told.push(incoming.url?.slice(1) ?? '');
    incoming.resume();
    response.writeHead(incoming.url === '/broken' ? 404 : 204).end();
  });
  await new Promise<void>((ready) => {
    server.listen(0, '127.0.0.1', ready);
  });
});

afterEach(async () => {
  store.close();
  await new Promise((closed) => {
    server.close(closed);
  });
  rmSync(folder, { recursive: true, force: true });
});

type Rules = Pick<Channel, 'receives' | 'standby' | 'language'>;

/** Where an incident is told: the paths of the webhooks that were called, and `terminal`. */
const tell = (channels: Readonly<Record<string, Rules>>, drill: boolean) =>
  tellOf(channels, drill, [declared(drill)]);

/** Where these events are told, and the heartbeat of the run if it has one. */
async function tellOf(
  channels: Readonly<Record<string, Rules>>,
  drill: boolean,
  events: readonly Draft[],
  ending?: Ending,
  env: Readonly<Record<string, string>> = {},
): Promise<readonly string[]> {
  const { port } = server.address() as AddressInfo;
  const rows = Object.entries(channels).map(([name, rules]) => {
    const url = `http://127.0.0.1:${port}/${name}`;
    return [name, { kind: 'webhook', url, ...rules } as Channel] as const;
  });
  const config = { targets: [], channels: Object.fromEntries(rows) };
  const stderr = (text: string) =>
    void (/INC-1|MONITORING|PEMANTAUAN|HEARTBEAT/.test(text) && told.push('terminal'));
  const random = { next: () => 0, id: () => 'x' };
  const platform = { env, clock: systemClock, random, openChannels, stderr } as unknown as Platform;
  const journal = store.journal({ run: 'r', target: 't', clock: systemClock, boot: 'b' });
  const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });
  const project = { runbook, config, channels: [] } as unknown as SoundProject;
  const commands = { check: 'npx siaga check', report: 'npx siaga report r' };
  const telling = startTelling({ platform, project, journal, judge, drill, target: 't', commands });
  for (const event of events) journal.append(event);
  if (ending !== undefined) telling.beat(ending);
  await telling.drain(5_000);
  await telling.stop();
  return told.toSorted();
}

function declared(drill: boolean): Draft {
  const by = { signal: 'rest.errors', got: '5%', allowed: 'rate > 2%', since: 0, evidence: [] };
  const symptoms = { windowMs: 300_000, p95: 300, errorRatio: 0.05, n: 100 };
  const change = { kind: 'declared', severity: 'SEV-2', by, symptoms } as const;
  const effectiveAt = systemClock.now() + 60_000;
  return {
    type: 'incident.transition',
    data: { incident: 'INC-1', group: 'service', ordinal: 1, effectiveAt, drill, change },
  };
}

const page: Rules = {};
const practice: Rules = { receives: ['drills'] };
const both: Rules = { receives: ['incidents', 'drills'] };
const standby: Rules = { standby: true };

describe('where an incident is told', () => {
  test.each<[string, Readonly<Record<string, Rules>>, string[], string[]]>([
    ['without a channel, on the terminal', {}, ['terminal'], ['terminal']],
    ['a channel that pages gets no drill', { page }, ['page'], ['terminal']],
    ['unless it asks for them', { both }, ['both'], ['both']],
    ['a channel of drills gets no real one', { practice }, ['terminal'], ['practice']],
    ['each its own', { page, practice }, ['page'], ['practice']],
    [
      'a channel of our own faults gets neither',
      { tooling: { receives: ['monitoring'] } },
      ['terminal'],
      ['terminal'],
    ],
    ['a reserve gets what was refused', { broken: page, standby }, ['broken', 'standby'], ['terminal']],
    ['a reserve alone gets nothing at first', { standby }, ['terminal'], ['terminal']],
    ['but no drill that was', { broken: both, standby }, ['broken', 'standby'], ['broken']],
  ])('%s', async (_, channels, real, drill) => {
    expect(await tell(channels, false)).toEqual(real);
    told = [];
    store.close();
    store = openStore(join(folder, 'drill.db'));
    expect(await tell(channels, true)).toEqual(drill);
  });
});

const blind: Draft = { type: 'incident.blind', data: { signal: 'freshness', sinceMs: 1 } };
const finished = (outcome: 'passed' | 'failed' | 'inconclusive', late?: true): Draft =>
  ({
    type: 'check.finished',
    data: {
      check: 'sol',
      tags: [],
      outcome,
      violations: [],
      states: {},
      reason: 'this process stood still',
      late,
    },
  }) as unknown as Draft;
const late = finished('inconclusive', true);
const tooling: Rules = { receives: ['monitoring'] };

describe('that we cannot measure', () => {
  test.each<[string, Readonly<Record<string, Rules>>, Draft[], boolean, string[]]>([
    [
      'is told once for each trouble, however often it occurs',
      { tooling },
      [blind, late, blind, late, late],
      false,
      ['tooling', 'tooling'],
    ],
    ['never pages who gets incidents', { page }, [blind, late], false, ['terminal', 'terminal']],
    ['is told by the run itself in a drill', { tooling, both }, [blind, late], true, []],
    [
      'is not said of a result that is inconclusive by the target',
      { tooling },
      [finished('inconclusive')],
      false,
      [],
    ],
  ])('%s', async (_, channels, events, drill, expected) => {
    expect(await tellOf(channels, drill, events)).toEqual(expected);
  });

  test('goes to the reserve where it is refused', async () => {
    const reserve: Rules = { standby: true, receives: ['monitoring'] };
    expect(await tellOf({ broken: tooling, reserve }, false, [blind])).toEqual(['broken', 'reserve']);
  });
});

describe('a heartbeat', () => {
  const passed: Ending = { exitCode: 0, reason: '' };
  const beats: Rules = { receives: ['heartbeat'] };

  test.each<[string, Readonly<Record<string, Rules>>, string[]]>([
    ['is told once to who receives it', { page, beats }, ['beats']],
    ['is told to nobody else, not even the terminal', { page, both, tooling }, []],
    ['and without a channel to nobody', {}, []],
  ])('%s', async (_, channels, expected) => {
    expect(await tellOf(channels, false, [finished('passed')], passed)).toEqual(expected);
  });

  test('counts checks as the round judged them; one that was not asked is no run', async () => {
    const passing = finished('passed').data;
    const unasked = { ...finished('inconclusive').data, check: 'nightly', notAsked: true };
    const checks = [
      { check: 'sol', outcome: 'failed', answers: 66, failed: 22 },
      { check: 'alpha', outcome: 'passed', answers: 66, failed: 1 },
      { check: 'nightly', outcome: 'passed', answers: 0, failed: 0, standsSince: 1 },
    ];
    const events = [
      { type: 'check.finished', data: passing },
      { type: 'check.finished', data: { ...passing, check: 'alpha' } },
      { type: 'check.finished', data: unasked },
      { type: 'round.measured', data: { checks, signals: [] } },
    ] as unknown as Draft[];
    await tellOf({ beats: { ...beats, language: 'en' } }, false, events, { exitCode: 1, reason: 'x' });
    expect(textsOf()[0]).toContain('Checks: 1 passed, 1 failed, 0 inconclusive');
    expect(textsOf()[0]).toContain('sol');
  });

  test.each<[string, Ending, string[]]>([
    [
      'of a round that passed',
      passed,
      ['[HEARTBEAT] t: passed', 'Checks: 1 passed, 0 failed, 0 inconclusive'],
    ],
    [
      'of one that failed',
      { exitCode: 1, reason: 'x' },
      ['[HEARTBEAT] t: failed', 'Checks: 1 passed, 0 failed, 0 inconclusive'],
    ],
    ['of one that could not run', { exitCode: 3, reason: '' }, ['[HEARTBEAT] t: inconclusive']],
    [
      'hunt g: of one whose configuration is wrong',
      { exitCode: 2, reason: 'x' },
      ['[HEARTBEAT] t: usage or configuration'],
    ],
  ])('%s says what it came to', async (_, ending, lines) => {
    await tellOf(
      { beats: { ...beats, language: 'en' } },
      false,
      [finished('failed'), finished('passed')],
      ending,
    );
    for (const line of lines) expect(textsOf()[0]).toContain(line);
  });

  test('hunt 13: names the signals, states, toggles and incidents that failed, and what was in doubt', async () => {
    const out = [
      { signal: 'db.up', got: 'max 0', allowed: 'at least 1' },
      { signal: 'toggle:MODE', subject: { kind: 'toggle', name: 'MODE' }, got: 'on', allowed: 'off' },
      { signal: 'latency', got: 'p95 9 s', allowed: 'at most 1 s', undecided: 'too few' },
    ];
    const events = [
      { type: 'check.finished', data: finished('passed').data },
      { type: 'round.measured', data: { checks: [], signals: [], out } },
      declared(false),
    ] as unknown as Draft[];
    await tellOf({ beats: { ...beats, language: 'en' } }, false, events, { exitCode: 1, reason: 'x' });
    const text = textsOf().find((each) => each.includes('HEARTBEAT')) ?? '';
    expect(text).toContain('Failed: db.up, MODE, INC-1');
    expect(text).toContain('Inconclusive: latency');
  });

  test('names the checks that failed, in Indonesian too', async () => {
    await tellOf({ beats: { ...beats, language: 'id' } }, false, [finished('failed')], {
      exitCode: 1,
      reason: 'status is 503, allowed 200',
    });
    expect(textsOf()[0]?.split('\n').slice(0, 3)).toEqual([
      '[LAPORAN RUTIN] t: gagal',
      'Tes: 0 lulus, 1 gagal, 0 tidak pasti',
      'Gagal: sol',
    ]);
  });
});

const textsOf = (): readonly string[] =>
  store
    .read({ types: ['message.requested'] })
    .flatMap((event) => (event.type === 'message.requested' ? [event.data.text] : []));

test('the alert names what is blind, in both languages', async () => {
  await tellOf({ en: { ...tooling, language: 'en' }, id: { ...tooling, language: 'id' } }, false, [blind]);
  expect(textsOf().map((text) => text.split('\n').slice(0, 3))).toEqual([
    [
      '[MONITORING] t: Siaga cannot measure',
      'No samples of: freshness',
      'This says nothing about the system: no incident is opened or closed by it',
    ],
    [
      '[PEMANTAUAN] t: Siaga tidak dapat mengukur',
      'Tidak ada sampel: freshness',
      'Ini tidak berarti apa pun tentang sistem: tidak ada insiden dibuka atau ditutup karenanya',
    ],
  ]);
});

test.each<[string, Parameters<typeof commandsOf>[1], object]>([
  ['of the default', { project: '.' }, { check: 'npx siaga check', report: 'npx siaga report r1' }],
  [
    'of a target elsewhere',
    { project: 'my shop', target: 'staging' },
    {
      check: "npx siaga check -C 'my shop' --target staging",
      report: "npx siaga report r1 -C 'my shop'",
    },
  ],
  [
    'of a run in another folder',
    { project: '.', output: 'out' },
    { check: 'npx siaga check', report: 'npx siaga report out/r1' },
  ],
  [
    'hunt 10: at another address',
    { project: '.', moved: 'http://127.0.0.1:9' },
    { check: 'SIAGA_TARGET_URL=http://127.0.0.1:9 npx siaga check', report: 'npx siaga report r1' },
  ],
])('two-am: the commands that messages name run as printed: %s', (_, flags, expected) => {
  expect(commandsOf({ called: 'npx siaga', cwd: '/work' }, flags, 'r1')).toEqual(expected);
});

test('two-am: in CI the link to the run stands beside the text', async () => {
  const env = { GITHUB_SERVER_URL: 'https://github.com', GITHUB_REPOSITORY: 'a/b', GITHUB_RUN_ID: '7' };
  await tellOf({ page }, false, [declared(false)], undefined, env);
  const [request] = store.read({ types: ['message.requested'] });
  const link = 'https://github.com/a/b/actions/runs/7';
  expect(request?.data).toMatchObject({ link, text: expect.not.stringContaining(link) });
});
