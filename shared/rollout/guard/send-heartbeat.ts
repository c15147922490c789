import { createHmac } from 'node:crypto';
import type { GuardParts } from './guard-parts.ts';
import type { Heartbeat } from './heartbeat.ts';

export interface HeartbeatPlace {
  /** Of the bot: `https://bot.example.com`; `/guard` is added. */
  readonly board: URL;
  readonly secret: string;
  readonly fetch: typeof fetch;
  /** Is told the first time and whenever it changes; null: well again. */
  readonly onTrouble: (message: string | null) => void;
}

const patience = 2_000;

/** Signed as deliveries are. One at a time: while one is on its way the next is dropped, since a newer one follows anyway. */
export function createSendHeartbeat({ board, secret, fetch, onTrouble }: HeartbeatPlace): NonNullable<GuardParts['sendHeartbeat']> {
  const address = new URL('guard', board.href.endsWith('/') ? board.href : `${board.href}/`);
  let busy = false;
  let trouble: string | null = null;
  const tell = (message: string | null) => {
    if (message !== trouble) onTrouble(message);
    trouble = message;
  };
  const send = async (beat: Heartbeat) => {
    const body = JSON.stringify(beat);
    const signature = createHmac('sha256', secret).update(body).digest('hex');
    const response = await fetch(address, {
      method: 'POST',
      redirect: 'error',
      headers: { 'content-type': 'application/json', 'x-weighin-signature-256': `sha256=${signature}` },
      body,
      signal: AbortSignal.timeout(patience),
    });
    await response.body?.cancel();
    return response.ok ? null : `the board answered ${response.status}`;
  };
  return (beat) => {
    if (busy) return;
    busy = true;
    send(beat)
      .catch((error: unknown) =>
        error instanceof Error && error.name === 'TimeoutError' ? 'the board did not answer within 2 s' : 'the board could not be reached',
      )
      .then(tell)
      .finally(() => {
        busy = false;
      });
  };
}
