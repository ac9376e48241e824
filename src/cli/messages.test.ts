import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import runbook from '../../runbook.ts';
import { systemClock } from '../adapter/system.ts';
import { openChannels } from '../adapter/webhook-channels.ts';
import type { Draft } from '../event/envelope.ts';
import type { Store } from '../event/store.ts';
import type { Channel } from '../project/target.ts';
import type { SoundProject } from '../project/types.ts';
import { compileJudge } from '../runbook/judge.ts';
import { openStore } from '../store/store.ts';
import { startTelling } from './messages.ts';
import type { World } from './world.ts';

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

type Rules = Pick<Channel, 'receives' | 'standby'>;

/** Where an incident is told: the paths of the webhooks that were called, and `terminal`. */
async function tell(channels: Readonly<Record<string, Rules>>, drill: boolean): Promise<readonly string[]> {
  const { port } = server.address() as AddressInfo;
  const rows = Object.entries(channels).map(([name, rules]) => {
    const url = `http://127.0.0.1:${port}/${name}`;
    return [name, { kind: 'webhook', url, ...rules } as Channel] as const;
  });
  const config = { targets: [], channels: Object.fromEntries(rows) };
  const stderr = (text: string) => void (text.includes('INC-1') && told.push('terminal'));
  const random = { next: () => 0, id: () => 'x' };
  const world = { env: {}, clock: systemClock, random, openChannels, stderr } as unknown as World;
  const journal = store.journal({ run: 'r', target: 't', clock: systemClock, boot: 'b' });
  const judge = compileJudge(runbook, { speed: 1, loadRunning: false, coreChecks: [] });
  const project = { runbook, config } as unknown as SoundProject;
  const telling = startTelling({ world, project, journal, judge, drill });
  journal.append(declared(drill));
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
