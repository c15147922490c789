import { createHmac } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import type { Notification } from '../../../../bot/bot-context.ts';
import { createNotify, type NotifyOptions } from '../../../../bot/notify/create-notify.ts';
import type { GuardedFetch } from '../../../../bot/notify/guarded-fetch.ts';
import { slackBody } from '../../../../bot/notify/render-messages.ts';
import type { Config } from '../../../../shared/config/schema.ts';

const notification: Notification = {
  event: 'promoted',
  type: 'promotion.started',
  id: `sha256:${'3'.repeat(64)}`,
  model: 'churn',
  stage: 'production',
  version: 12,
  actor: { id: 9919, login: 'alice', type: 'User' },
  says: 'churn@v12 is in production.',
  url: 'https://github.com/acme/churn/pull/42',
  at: '2026-11-21T10:02:41Z',
};
const another = (change: Partial<Notification>): Notification => ({ ...notification, ...change });
const configured = (...notify: NonNullable<Config['notify']>) => ({ notify }) as unknown as Config;
const env = {
  HOOK: 'https://hooks.test/very-secret-path',
  SLACK_URL: 'https://hooks.slack.test/very-secret-path',
  WEIGHIN_NOTIFY_SECRET: 'the-key',
};

let sent: { address: string; headers: Readonly<Record<string, string>>; body: string }[];
let answers: (number | Error | { status: number; after: string })[];
let waits: number[];
let logged: string[];
beforeEach(() => {
  [sent, answers, waits, logged] = [[], [], [], []];
});

const post: GuardedFetch['post'] = async (address, message) => {
  sent.push({ address, ...message });
  const next = answers.shift() ?? 200;
  if (next instanceof Error) throw next;
  return typeof next === 'number'
    ? { status: next, headers: {}, body: '' }
    : { status: next.status, headers: { 'retry-after': next.after }, body: '' };
};
function open(options: Partial<NotifyOptions> = {}) {
  const write = (level: string) => (fields: object, text: string) => {
    logged.push(`${level} ${JSON.stringify(fields)} ${text}`);
  };
  const log = { info: write('info'), warn: write('warn'), error: write('error') };
  const sleep = async (milliseconds: number) => {
    waits.push(milliseconds);
  };
  return createNotify({ env, log, mode: 'server', now: () => Date.parse('2026-11-21T10:00:00Z'), sleep, post, ...options });
}

it('posts what happened, signed over the raw body, under the id of the event', async () => {
  const notify = open();
  notify(configured({ webhook: { env: 'HOOK' } }), notification);
  await notify.close();
  const [message] = sent;
  expect(sent).toHaveLength(1);
  expect(message?.address).toBe(env.HOOK);
  expect(JSON.parse(message?.body ?? '')).toEqual({ schema: 'weighin/notification@1', ...notification });
  expect(message?.headers).toMatchObject({
    'content-type': 'application/json',
    'x-weighin-delivery': notification.id,
    'x-weighin-event': 'promoted',
    'x-weighin-signature-256': `sha256=${createHmac('sha256', 'the-key')
      .update(message?.body ?? '')
      .digest('hex')}`,
  });
});

it('tells whom the configuration names, of the events that it names', async () => {
  const notify = open();
  const config = configured(
    { webhook: { env: 'HOOK' }, events: ['rolled-back'] },
    { slack: { env: 'SLACK_URL' }, events: ['promoted', 'drift'] },
    { issue: true },
  );
  notify(config, notification);
  notify(config, another({ event: 'rolled-back', id: 'other' }));
  notify(configured(), another({ id: 'nobody' }));
  await notify.close();
  expect(sent.map(({ address }) => address)).toEqual([env.SLACK_URL, env.HOOK]);
});

it('tells the same fact once, and again where it could not be told', async () => {
  const notify = open();
  const config = configured({ webhook: { env: 'HOOK' } }, { slack: { env: 'SLACK_URL' } });
  for (let again = 0; again < 3; again++) notify(config, notification);
  await settled();
  expect(sent).toHaveLength(2);
  notify(config, notification);
  await settled();
  expect(sent).toHaveLength(2);

  answers.push(400);
  notify(configured({ webhook: { env: 'HOOK' } }), another({ id: 'second' }));
  await settled();
  notify(configured({ webhook: { env: 'HOOK' } }), another({ id: 'second' }));
  await notify.close();
  expect(sent).toHaveLength(4);
});

it('tries again after an outage, as long as it is told to wait, five times at most', async () => {
  const notify = open();
  answers.push(500, { status: 429, after: '7' }, { status: 503, after: 'Sat, 21 Nov 2026 10:00:20 GMT' }, new Error('socket'), 200);
  notify(configured({ webhook: { env: 'HOOK' } }), notification);
  await notify.close();
  expect(waits).toEqual([1000, 7000, 20_000, 8000]);
  expect(new Set(sent.map(({ headers }) => headers['x-weighin-delivery'])).size).toBe(1);
  expect(logged).toEqual([expect.stringMatching(/^info/)]);

  const second = open();
  answers.push(500, 500, 500, 500, 500, 200);
  sent.length = 0;
  second(configured({ webhook: { env: 'HOOK' } }), notification);
  await second.close();
  expect(sent).toHaveLength(5);
  expect(logged.at(-1)).toContain('HTTP 500');
});

it('does not wait longer than a minute, and not at all for a refusal', async () => {
  const notify = open();
  answers.push({ status: 429, after: '86400' }, 404);
  notify(configured({ webhook: { env: 'HOOK' } }), notification);
  await notify.close();
  expect(waits).toEqual([60_000]);
  expect(sent).toHaveLength(2);
});

it('never throws, and logs neither address nor secret', async () => {
  const notify = open({ post: async (address) => Promise.reject(new Error(`failed at ${address} with the-key`)) });
  notify(configured({ webhook: { env: 'HOOK' } }, { slack: { env: 'NOT_SET' } }), notification);
  const unsigned = open({ env: { HOOK: env.HOOK } });
  unsigned(configured({ webhook: { env: 'HOOK' } }), notification);
  await notify.close();
  await unsigned.close();
  expect(logged.filter((line) => /NOTIFY_(?:FAILED|ADDRESS_MISSING|SECRET_MISSING)/.test(line))).toHaveLength(3);
  expect(logged.join('\n')).not.toMatch(/very-secret-path|the-key|hooks\.test/);
  expect(sent).toEqual([]);
});

it('sends nothing from a server that has no list of hosts, and says which variable is missing', async () => {
  const notify = createNotify({ env: { ...env, HOOK: 'http://127.0.0.1:9/secret' }, log: logOf(), mode: 'server' });
  notify(configured({ webhook: { env: 'HOOK' } }), notification);
  await notify.close();
  expect(logged).toEqual([expect.stringContaining('127.0.0.1 is not among WEIGHIN_OUTBOUND_HOSTS')]);
  expect(logged[0]).toContain('NOTIFY_FAILED');
});

it('finishes what is under way when it is closed, and gives up what would take longer', async () => {
  let release = () => {};
  const slow = open({
    post: async (address, message) => {
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      return post(address, message);
    },
  });
  slow(configured({ webhook: { env: 'HOOK' } }), notification);
  const closed = slow.close();
  await settled();
  release();
  await closed;
  expect(sent).toHaveLength(1);

  const failing = createNotify({
    env,
    log: logOf(),
    mode: 'server',
    post: async () => ({ status: 503, headers: { 'retry-after': '50' }, body: '' }),
  });
  failing(configured({ webhook: { env: 'HOOK' } }), another({ id: 'x' }));
  await failing.close(10);
  expect(logged.at(-1)).toContain('NOTIFY_FAILED');
  failing(configured({ webhook: { env: 'HOOK' } }), another({ id: 'y' }));
  expect(logged.at(-1)).toContain('NOTIFY_DROPPED');
});

it('drops messages rather than growing without end', async () => {
  const notify = open({ post: () => new Promise(() => {}) });
  for (let index = 0; index < 502; index++) notify(configured({ webhook: { env: 'HOOK' } }), another({ id: String(index) }));
  expect(logged.filter((line) => line.includes('NOTIFY_DROPPED'))).toHaveLength(2);
});

it('writes for Slack what is no mention, link or format', () => {
  const hostile = another({ says: '<!channel> *bold* & <https://evil.test|click>', actor: { id: 1, login: '<@U1>', type: 'User' } });
  const body = slackBody(hostile);
  const { text, blocks } = JSON.parse(body) as {
    text: string;
    blocks: { text?: { type: string; text: string }; elements?: { text: string }[] }[];
  };
  expect(text).toBe('🚀 churn@v12 production: &lt;!channel&gt; *bold* &amp; &lt;https://evil.test|click&gt;');
  expect(blocks[1]?.text).toEqual({ type: 'plain_text', text: hostile.says, emoji: false });
  expect(blocks[2]?.elements?.[0]?.text).toBe('by &lt;@U1&gt; · <https://github.com/acme/churn/pull/42|open>');
  for (const url of ['javascript:1', 'https://a.test/|x>', null]) expect(slackBody(another({ url }))).not.toContain('open>');
  expect(JSON.parse(slackBody(another({ says: 'x'.repeat(9_000) }))).blocks[1].text.text.length).toBeLessThan(3_000);
});

const logOf = () => {
  const write = (fields: object, text: string) => {
    logged.push(`${JSON.stringify(fields)} ${text}`);
  };
  return { info: write, warn: write, error: write };
};
const settled = () => new Promise<void>((next) => setTimeout(next, 5));
