import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitHub } from '../github/open-github.ts';

const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../../dist');

export interface RunningBotProcess {
  readonly url: string;
  readonly webhooks: string;
  /** Everything that it logged so far. */
  log(): string;
  /** Until every delivery was sent and nothing is worked on. */
  settled(): Promise<void>;
  /** SIGTERM, and the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL. */
  kill(): Promise<void>;
}

/** The built server as a process, led to the double as a team leads it to GitHub Enterprise. `deliver`: webhooks go to it at once. */
export async function runBot(
  github: GitHub,
  options: { readonly deliver?: boolean; readonly env?: Readonly<Record<string, string>> } = {},
): Promise<RunningBotProcess> {
  const bundle = join(dist, 'bot.js');
  if (!existsSync(bundle)) throw new Error(`${bundle} is not there: run \`npm run build\` first.`);
  const { host } = new URL(github.url);
  const folder = mkdtempSync(join(tmpdir(), 'weighin-bot-'));
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [bundle], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH,
      HOME,
      APP_ID: String(github.app.id),
      PRIVATE_KEY: github.app.privateKey,
      WEBHOOK_SECRET: github.app.webhookSecret,
      GHE_HOST: host,
      GHE_PROTOCOL: 'http',
      HOST: '127.0.0.1',
      PORT: '0',
      LOG_FORMAT: 'json',
      ...options.env,
    },
  });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (text += chunk.toString()));
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const port = await listening(child, () => text);
  const url = `http://127.0.0.1:${port}`;
  const webhooks = `${url}/api/github/webhooks`;
  if (options.deliver !== false) github.deliveries.sendTo(webhooks);
  const bot: RunningBotProcess = {
    url,
    webhooks,
    log: () => text,
    async settled() {
      for (let quiet = 0; quiet < 2; ) {
        await github.deliveries.settled();
        const busy = /^weighin_queue_repositories (\d+)/m.exec(await (await fetch(`${url}/metrics`)).text())?.[1];
        // Work makes deliveries and deliveries make work: quiet twice in a row is quiet.
        quiet = busy === '0' ? quiet + 1 : 0;
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    },
    async stop() {
      child.kill('SIGTERM');
      const code = await ended;
      rmSync(folder, { recursive: true, force: true });
      return code;
    },
    async kill() {
      child.kill('SIGKILL');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await bot.settled();
  return bot;
}

async function listening(child: ChildProcess, log: () => string): Promise<number> {
  for (let waited = 0; waited < 20_000; waited += 20) {
    const port = /"port":(\d+)/.exec(log())?.[1];
    if (port) return Number(port);
    if (child.exitCode !== null) break;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`the bot did not start:\n${log()}`);
}
