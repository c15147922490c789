import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';

/**
 * People at check-in, as a process of its own: asks `POST /predict` for one real flight after another at a steady rate. Its parent tells it
 * which flights to ask for, and hears every second what was answered.
 */
export interface TrafficOrder {
  /** Of the server. */
  readonly url?: string;
  /** JSON: one array of rows. */
  readonly rows?: string;
  readonly perSecond?: number;
}

export interface TrafficCount {
  /** Since it began. */
  readonly asked: number;
  readonly answered: number;
  readonly failed: number;
  /** Answers by version. */
  readonly versions: Readonly<Record<string, number>>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 16 });
let [url, perSecond, rows, next]: [string | null, number, readonly string[], number] = [null, 0, [], 0];
let [asked, answered, failed, open] = [0, 0, 0, 0];
const versions: Record<string, number> = {};
const run = String(process.pid);

function ask(body: string): void {
  asked++;
  open++;
  const end = (good: boolean) => {
    open--;
    if (good) answered++;
    else failed++;
  };
  const sent = request(
    `${url}/predict`,
    { method: 'POST', agent, headers: { 'content-type': 'application/json', 'x-request-id': `${run}-${asked}` }, timeout: 5_000 },
    (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        const version = /"model_version":"(v\d+)"/.exec(text)?.[1];
        if (version !== undefined) versions[version] = (versions[version] ?? 0) + 1;
        end(response.statusCode === 200);
      });
      response.on('error', () => end(false));
    },
  );
  sent.on('timeout', () => sent.destroy());
  sent.on('error', () => end(false));
  sent.end(body);
}

let due = 0;
const tick = 20;
setInterval(() => {
  if (url === null || rows.length === 0) return;
  due = Math.min(due + (perSecond * tick) / 1000, perSecond / 4);
  // A server that does not answer is not buried.
  for (; due >= 1 && open < 64; due--) ask(rows[next++ % rows.length]!);
}, tick);
setInterval(() => process.send?.({ asked, answered, failed, versions } satisfies TrafficCount), 250);

process.on('message', (order: TrafficOrder) => {
  if (order.url !== undefined) url = order.url;
  if (order.perSecond !== undefined) perSecond = order.perSecond;
  if (order.rows !== undefined) {
    rows = (JSON.parse(readFileSync(order.rows, 'utf8')) as readonly object[]).map((row) => JSON.stringify(row));
    next = 0;
  }
});
process.on('disconnect', () => process.exit(0));
