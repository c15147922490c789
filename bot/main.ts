import { existsSync } from 'node:fs';
import { UserError } from '../shared/errors.ts';
import { openBotParts } from './open-bot-parts.ts';
import { createBot } from './server/create-bot.ts';
import { createLog } from './server/log.ts';
import { readLogSettings, readSettings } from './server/settings.ts';

/** The server. `setup` as its one argument creates the App instead. Exit codes: 2 a setting is wrong, 3 the surroundings. */
const version = process.env['WEIGHIN_VERSION'] ?? '0.0.0';
// What `setup` left, or what a person wrote; what the environment already says wins.
if (existsSync('.env')) process.loadEnvFile('.env');
const { env } = process;

try {
  if (process.argv[2] === 'setup') {
    const { runSetup } = await import('./server/run-setup.ts');
    await runSetup(env, process.argv[3]);
  } else await serve();
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(error instanceof UserError ? `error: ${message}\n${error.hint}\n` : `error: ${message}\n`);
  process.exit(error instanceof UserError ? 2 : 3);
}

async function serve(): Promise<void> {
  const settings = readSettings(env);
  const { logLevel: level, logFormat: format } = readLogSettings(env);
  const log = createLog({
    level,
    format,
    secrets: [settings.privateKey, settings.webhookSecret, settings.boardToken ?? '', settings.guardSecret ?? ''],
    write: (line) => process.stdout.write(`${line}\n`),
  });
  const bot = await createBot({ settings, version, log, ...openBotParts({ version, mode: 'server', env, log }) });
  let stopping = false;
  const stop = async (signal: string) => {
    if (stopping) return;
    stopping = true;
    log.info({ signal }, 'stopping: finishing what is under way');
    await bot.stop();
    log.info({}, 'stopped');
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
