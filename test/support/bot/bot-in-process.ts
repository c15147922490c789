import { Octokit } from 'octokit';
import type { Hint } from '../../../bot/bot-context.ts';
import { createContext } from '../../../bot/create-context.ts';
import { readDelivery } from '../../../bot/handlers/read-delivery.ts';
import { handleWork } from '../../../bot/work/handle-work.ts';
import { createGitHubForge } from '../../../shared/adapters/github-forge/create-github-forge.ts';
import type { GitHub } from '../github/open-github.ts';
import type { Delivery } from '../github/webhooks.ts';
import { createMortalFetch, type Death, type Weather } from './mortal-fetch.ts';

export interface BotInProcess {
  /** Works on the hints to the end; `died` where it was killed on the way. An error is kept in `errors`, as the queue would. */
  work(hints: readonly Hint[]): Promise<'done' | 'failed' | 'died'>;
  /** Kills it at the n-th write from now on. */
  doom(death: Death | null): void;
  readonly dead: () => boolean;
  readonly writes: () => number;
  readonly errors: readonly unknown[];
  /** What it logged as an error: something inside went wrong. */
  readonly logged: readonly unknown[];
}

const silent = { debug() {}, info() {}, warn() {}, error() {} };

/** A bot with a memory and a connection of its own. It waits for nothing: what GitHub asks to wait is over at once. */
export async function startBot(github: GitHub, weather: Weather = {}): Promise<BotInProcess> {
  const errors: unknown[] = [];
  const logged: unknown[] = [];
  const mortal = createMortalFetch(weather);
  const octokit = new Octokit({
    auth: github.token.installation(),
    baseUrl: github.apiUrl,
    throttle: { enabled: false },
    retry: { enabled: false },
    log: silent,
    request: { fetch: mortal.fetch },
  });
  const place = { octokit, owner: 'acme', repo: 'churn', appId: github.app.id };
  const open = async () =>
    createContext({
      forge: await createGitHubForge({ ...place, sleep: () => new Promise((resolve) => setImmediate(resolve)) }),
      version: '0.1.0',
      log: { info() {}, warn() {}, error: (fields, message) => logged.push({ ...fields, message }) },
      notify() {},
      mode: 'server',
      verifyNewEvidence: () => Promise.reject(new Error('no evidence is handed over here')),
    });
  let context: Awaited<ReturnType<typeof open>> | null = null;
  const work = async (hints: readonly Hint[]) => {
    try {
      context ??= await open();
      await handleWork(context, hints);
      return 'done' as const;
    } catch (error) {
      errors.push(error);
      return 'failed' as const;
    }
  };
  return {
    errors,
    logged,
    doom: mortal.doom,
    dead: mortal.dead,
    writes: mortal.writes,
    work: (hints) => (mortal.dead() ? mortal.died : Promise.race([work(hints), mortal.died])),
  };
}

/** What a delivery makes the bot look at. */
export const hintsOf = ({ event, payload }: Delivery, github: GitHub): readonly Hint[] =>
  readDelivery(event, payload, { appId: github.app.id, login: github.app.botLogin }).flatMap(({ hints }) => hints);
