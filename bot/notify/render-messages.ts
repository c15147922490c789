import { createHmac } from 'node:crypto';
import type { Notification } from '../bot-context.ts';

/** The body that webhooks of `notify:` get, `weighin/notification@1`. */
export const webhookBody = (notification: Notification): string => JSON.stringify({ schema: 'weighin/notification@1', ...notification });

/** Headers of a webhook: signed over the raw body, as GitHub signs its own; the delivery is the event's id, so a repeated one is known. */
export const webhookHeaders = (notification: Notification, body: string, secret: string): Readonly<Record<string, string>> => ({
  'content-type': 'application/json',
  'user-agent': 'weighin',
  'x-weighin-event': notification.event,
  'x-weighin-delivery': notification.id,
  'x-weighin-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
});

/** Slack's limit of a text in a block is 3,000 characters. */
const longestText = 2_900;

/** A message in Slack's shape, also understood by Mattermost and Rocket.Chat. The sentence is plain text: nothing in it is a mention or link. */
export function slackBody({ event, model, stage, version, actor, says, url }: Notification): string {
  const name = escapeSlack(`${model}${version === null ? '' : `@v${version}`} ${stage}`);
  const link = url !== null && /^https?:\/\/[^\s|<>]+$/.test(url) ? ` · <${escapeSlack(url)}|open>` : '';
  return JSON.stringify({
    text: `${marks[event]} ${name}: ${escapeSlack(cut(says))}`,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text: `${marks[event]} *${name}* ${event}` } },
      { type: 'section', text: { type: 'plain_text', text: cut(says) || '–', emoji: false } },
      { type: 'context', elements: [{ type: 'mrkdwn', text: `by ${escapeSlack(actor.login)}${link}` }] },
    ],
    unfurl_links: false,
    unfurl_media: false,
  });
}

const marks: Readonly<Record<Notification['event'], string>> = {
  promoted: '🚀',
  refused: '⛔',
  'rolled-back': '↩️',
  held: '✋',
  drift: '〰️',
  failed: '❌',
};

/** https://api.slack.com/reference/surfaces/formatting#escaping; without `<`, no `<!channel>` and no link. */
const escapeSlack = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const cut = (text: string) => (text.length > longestText ? `${text.slice(0, longestText)}…` : text);
