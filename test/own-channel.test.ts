import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openChannels } from '../src/adapter/channel/kinds.ts';
import { selectChannels } from '../src/project/channels.ts';
import { read } from './support/sources.ts';
import slack from './projects/own/channels/slack.ts';

interface Call {
  readonly path: string;
  readonly type: string;
  readonly body: unknown;
}

let server: Server;
let calls: Call[];
let answers: (readonly [number, string, Record<string, string>?])[];

beforeEach(async () => {
  calls = [];
  answers = [];
  server = createServer(async (incoming, response) => {
    const text = (await incoming.toArray()).join('');
    const type = incoming.headers['content-type'] ?? '';
    calls.push({ path: incoming.url ?? '', type, body: JSON.parse(text) });
    const [status, said, headers] = answers.shift() ?? [200, 'ok'];
    response.writeHead(status, headers).end(said);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});

afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const message = {
  message: 'INC-1/1@team',
  incident: 'INC-1',
  transition: 1,
  channel: 'team',
  template: 'DEGRADED',
  text: 'shop: <b>DEGRADED</b> & p95 > 650 ms',
} as const;

const config = { targets: [], channels: { team: { kind: 'slack', url: '${SLACK_WEBHOOK_URL}' } } };
const path = '/services/T0000/B0000/verysecretkey';

function opened() {
  const SLACK_WEBHOOK_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;
  const { channels } = selectChannels(config, [slack], { SLACK_WEBHOOK_URL });
  const [channel] = openChannels(channels);
  if (channel === undefined) throw new Error('no channel was opened');
  return channel;
}

const send = (link?: string) =>
  opened().send({ ...message, ...(link !== undefined && { link }) }, new AbortController().signal);

test('the documented channel is the one that is tested', () => {
  const [, block] = /```ts\n\/\/ channels\/slack\.ts\n([^]*?)```/.exec(read('docs/own-parts.md')) ?? [];
  expect(block).toBe(read('test/projects/own/channels/slack.ts'));
});

test('a message reaches Slack as its incoming webhook wants it', async () => {
  expect(await send('https://ci.example/run/7')).toEqual({ outcome: 'delivered' });
  expect(calls).toEqual([
    {
      path,
      type: 'application/json',
      body: {
        text: 'shop: &lt;b&gt;DEGRADED&lt;/b&gt; &amp; p95 &gt; 650 ms\nhttps://ci.example/run/7',
        mrkdwn: false,
        unfurl_links: false,
      },
    },
  ]);
});

test.each([
  [[410, 'channel_is_archived'], { outcome: 'refused', reason: 'HTTP 410: channel_is_archived' }],
  [[403, 'action_prohibited'], { outcome: 'refused', reason: 'HTTP 403: action_prohibited' }],
  [[500, 'rollup_error'], { outcome: 'retry', reason: 'HTTP 500: rollup_error' }],
  [
    [429, 'rate_limited', { 'retry-after': '30' }],
    { outcome: 'retry', reason: 'HTTP 429: rate_limited', afterMs: 30_000 },
  ],
] as const)('what Slack answers decides: %j', async (answer, expected) => {
  answers.push(answer);
  expect(await send()).toEqual(expected);
});

test('what it answers is repeated without the key of the webhook', async () => {
  answers.push([404, `no_team for ${path}\nverysecretkey`]);
  expect(await send()).toEqual({ outcome: 'refused', reason: 'HTTP 404: no_team for [redacted] [redacted]' });
});

test('a URL that is none ends the command with exit 2, and is not shown', () => {
  const facts = {
    where: 'siaga.config.ts, channels.team.url',
    got: 'something that is not shown',
    exitCode: 2,
  };
  expect(() => selectChannels(config, [slack], { SLACK_WEBHOOK_URL: 'hooks/verysecretkey' })).toThrow(
    expect.objectContaining({ code: 'bad-channel', facts: expect.objectContaining(facts) }),
  );
});
