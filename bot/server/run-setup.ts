import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { run } from 'probot';
import { UserError } from '../../shared/errors.ts';

type Env = Record<string, string | undefined>;

/**
 * Creates the App from app.yml with one click: Probot's own page leads to GitHub with the manifest, takes the key that GitHub hands back
 * and writes .env. On this machine's own address alone, since whoever reaches the page decides whose App the bot becomes.
 * `address` is where GitHub will find the server.
 */
export async function runSetup(env: Env, address: string | undefined): Promise<{ stop(): Promise<void> }> {
  if (!existsSync('app.yml'))
    throw new UserError('NO_MANIFEST', 'There is no app.yml in this folder.', "Start setup from the folder of Weighin's checkout.");
  if (env['APP_ID'] || env['PRIVATE_KEY'] || env['PRIVATE_KEY_PATH'])
    throw new UserError('ALREADY_SET_UP', 'APP_ID or PRIVATE_KEY is set already.', 'Unset them, or remove .env, to create another App.');
  if (!address || !/^https?:\/\/[\w.:[\]-]+$/.test(address))
    throw new UserError(
      'NO_ADDRESS',
      'Setup needs the address at which GitHub will reach the server.',
      'npm run bot -- setup https://weighin.example.com',
    );
  // In production Probot sets nothing up, and without this it would ask a public service for a relay of webhooks.
  Object.assign(env, { NODE_ENV: 'development', NO_SMEE_SETUP: 'true', HOST: '127.0.0.1' });
  const options = { ...env };
  // By this name Probot's manifest takes the address of webhooks, and its server that of a relay, which there is none of.
  env['WEBHOOK_PROXY_URL'] = `${address}${env['WEBHOOK_PATH'] || '/api/github/webhooks'}`;
  const server = await run(() => {}, { env: options, updateEnv: writeEnvFile });
  process.stdout.write(
    `Open http://127.0.0.1:${env['PORT'] || 3000}/probot and create the App. Then stop this, and start the bot: npm run bot\n`,
  );
  return { stop: async () => void (await server.stop()) };
}

/** Only this user may read the key. */
function writeEnvFile(added: Readonly<Record<string, string | undefined>>) {
  const before = existsSync('.env') ? parseEnv(readFileSync('.env', 'utf8')) : {};
  const all: Record<string, string | undefined> = { ...before, ...added };
  const lines = Object.entries(all).map(([name, value = '']) => `${name}="${value.replaceAll('"', '')}"`);
  writeFileSync('.env', `${lines.join('\n')}\n`, { mode: 0o600 });
  return all;
}
