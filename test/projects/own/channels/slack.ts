import { defineChannel, deliveryOf } from 'siaga';
import { z } from 'zod';

/** Slack's incoming webhook: its URL is all the secret there is. */
export default defineChannel({
  kind: 'slack',
  options: z.strictObject({ url: z.url() }),
  secret: ['url'],
  async send({ text, link }, { url }, signal) {
    const plain = [text, link].filter(Boolean).join('\n');
    // Slack takes these three characters for markup of its own, even where `mrkdwn` is off.
    const escaped = plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
    const body = JSON.stringify({ text: escaped, mrkdwn: false, unfurl_links: false });
    const headers = { 'content-type': 'application/json' };
    const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' });
    const seconds = Number(answer.headers.get('retry-after'));
    return deliveryOf(answer.status, await answer.text(), seconds > 0 ? seconds * 1_000 : undefined);
  },
});
