import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimWorkflow } from '../../shared/promotion/evidence-document.ts';
import { runBot } from '../../test/support/bot/run-bot.ts';
import { openGitHub } from '../../test/support/github/open-github.ts';
import type { DemoParts } from './demo-parts.ts';
import { prepareFlights } from './flights.ts';
import { createProcesses } from './processes.ts';
import type { Teller } from './tell.ts';
import { model } from './weighin-yaml.ts';

/** Of one "hour" of the rollout, seconds. */
const HOUR = 6;
export const secrets = {
  board: 'the-board-of-the-demo-7Kq2',
  guard: 'the-guard-of-the-demo-4Xw9',
  admin: 'the-admin-of-the-demo-3Zt5',
} as const;

/** Opens what the demo plays with. Everything is listed in `closers` as soon as it is open, so that a failure on the way leaves nothing. */
export async function setUp(
  options: { readonly dist: string; readonly scripts: string; readonly root: string },
  teller: Teller,
  closers: (() => unknown)[],
): Promise<DemoParts> {
  const top = realpathSync(mkdtempSync(join(tmpdir(), 'weighin-demo-')));
  // Each job that is played leaves a folder to remove at the end.
  process.setMaxListeners(100);
  const remove = () => rmSync(top, { recursive: true, force: true, maxRetries: 5 });
  closers.push(remove);
  process.once('exit', remove);
  // Whatever is made on the way lies below it, and goes with it.
  process.env['TMPDIR'] = top;
  const folder = (name: string) => {
    mkdirSync(join(top, name), { recursive: true });
    return join(top, name);
  };
  const processes = createProcesses(folder('output'));

  teller.wait('reading flights');
  const flights = await prepareFlights(folder('flights'));
  teller.wait('starting GitHub and the bot');
  const github = await openGitHub({ owner: 'acme', repo: model, now: new Date() });
  closers.push(() => github.close());
  // The double's clock stands still until somebody moves it; here it goes with the machine's.
  const clock = setInterval(() => github.clock.set(new Date()), 200);
  closers.push(() => clearInterval(clock));
  github.users.add({ login: 'anna', role: 'write' });
  github.users.add({ login: 'boris', role: 'write' });
  github.users.add({ login: 'dora', role: 'maintain' });
  github.users.add({ login: 'guard', role: 'write', type: 'Bot' });
  github.git.commit({
    branch: 'main',
    by: 'anna',
    message: 'Begin',
    files: {
      [claimWorkflow]: 'name: weighin\n',
      'contracts/flights.odcs.yaml': readFileSync(join(options.root, 'examples/flight-delay/contracts/flights.odcs.yaml')),
      'train.mjs': `import ${JSON.stringify(`file://${join(options.scripts, 'train.js')}`)};\n`,
      '.gitignore': '.weighin/\n',
    },
  });
  const bot = await runBot(github, { env: { WEIGHIN_BOARD_TOKEN: secrets.board, WEIGHIN_GUARD_SECRET: secrets.guard } });
  closers.push(() => bot.kill());
  // First of all, while GitHub still answers: the guard writes down what it knows.
  closers.push(() => processes.stopAll());
  process.once('exit', () => processes.killAll());
  return {
    github,
    bot,
    processes,
    teller,
    flights,
    top,
    ...options,
    serverPort: await freePort(),
    hour: HOUR,
    folder,
  };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port'))));
    });
  });
}
