import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readSettings } from '../../../../bot/server/settings.ts';
import { UserError } from '../../../../shared/errors.ts';
import { privateKey } from '../../../support/bot/stub-api.ts';

const key = privateKey.trim();
const whole = { APP_ID: '123', PRIVATE_KEY: key, WEBHOOK_SECRET: 'twelve-or-more' };
const refusal = (env: Readonly<Record<string, string | undefined>>) => {
  try {
    readSettings({ ...whole, ...env });
  } catch (error) {
    if (error instanceof UserError) return `${error.code}: ${error.message}`;
    throw error;
  }
  return null;
};

describe('readSettings', () => {
  it('reads what Probot reads, with its defaults', () => {
    expect(readSettings(whole)).toEqual({
      appId: 123,
      privateKey: key,
      webhookSecret: 'twelve-or-more',
      webhookPath: '/api/github/webhooks',
      baseUrl: 'https://api.github.com',
      host: '0.0.0.0',
      port: 3000,
      logLevel: 'info',
      logFormat: 'pretty',
      proxy: null,
      boardToken: null,
      guardSecret: null,
    });
    expect(readSettings({ ...whole, NODE_ENV: 'production' }).logFormat).toBe('json');
  });

  it.each([
    [{}, 'https://api.github.com'],
    [{ GHE_HOST: 'github.acme.com' }, 'https://github.acme.com/api/v3'],
    [{ GHE_HOST: '127.0.0.1:8080', GHE_PROTOCOL: 'http' }, 'http://127.0.0.1:8080/api/v3'],
    [{ GHE_HOST: 'acme.ghe.com' }, 'https://api.acme.ghe.com'],
  ])('finds the API of %o', (env, expected) => {
    expect(readSettings({ ...whole, ...env }).baseUrl).toBe(expected);
  });

  it('takes a key as it is, with \\n for line breaks, quoted, in base64, or from a file', () => {
    const folder = mkdtempSync(join(tmpdir(), 'weighin-key-'));
    try {
      const path = join(folder, 'key.pem');
      writeFileSync(path, privateKey);
      for (const PRIVATE_KEY of [privateKey.replaceAll('\n', '\\n'), `"${privateKey}"`, Buffer.from(privateKey).toString('base64')])
        expect(readSettings({ ...whole, PRIVATE_KEY }).privateKey).toBe(key);
      expect(readSettings({ ...whole, PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: path }).privateKey).toBe(key);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['APP_ID', { APP_ID: undefined }, 'SETTING_MISSING'],
    ['APP_ID', { APP_ID: 'weighin' }, 'SETTING_INVALID'],
    ['PRIVATE_KEY', { PRIVATE_KEY: undefined }, 'SETTING_MISSING'],
    ['PRIVATE_KEY', { PRIVATE_KEY: 'a secret that is no key' }, 'SETTING_INVALID'],
    ['PRIVATE_KEY_PATH', { PRIVATE_KEY: undefined, PRIVATE_KEY_PATH: '/nowhere/key.pem' }, 'SETTING_INVALID'],
    ['WEBHOOK_SECRET', { WEBHOOK_SECRET: undefined }, 'SETTING_MISSING'],
    ['WEBHOOK_SECRET', { WEBHOOK_SECRET: 'development' }, 'SETTING_INVALID'],
    ['WEBHOOK_SECRET', { WEBHOOK_SECRET: 'short' }, 'SETTING_INVALID'],
    ['WEBHOOK_PATH', { WEBHOOK_PATH: 'hooks' }, 'SETTING_INVALID'],
    ['GHE_HOST', { GHE_HOST: 'https://github.acme.com' }, 'SETTING_INVALID'],
    ['GHE_PROTOCOL', { GHE_PROTOCOL: 'ftp' }, 'SETTING_INVALID'],
    ['PORT', { PORT: '65536' }, 'SETTING_INVALID'],
    ['LOG_LEVEL', { LOG_LEVEL: 'loud' }, 'SETTING_INVALID'],
    ['LOG_FORMAT', { LOG_FORMAT: 'xml' }, 'SETTING_INVALID'],
    ['HTTPS_PROXY', { HTTPS_PROXY: 'proxy' }, 'SETTING_INVALID'],
    ['WEIGHIN_TRUSTED_ROOT', { WEIGHIN_TRUSTED_ROOT: '/nowhere/roots.jsonl' }, 'SETTING_INVALID'],
    ['WEIGHIN_OUTBOUND_HOSTS', { WEIGHIN_OUTBOUND_HOSTS: 'https://hooks.slack.com' }, 'OUTBOUND_HOSTS_INVALID'],
  ])('names %s when it is %o', (name, env, code) => {
    expect(refusal(env)).toMatch(new RegExp(`^${code}: ${name} `));
  });

  it('shows no secret in what it says', () => {
    for (const secret of ['PRIVATE_KEY', 'WEBHOOK_SECRET', 'HTTPS_PROXY']) expect(refusal({ [secret]: 'h0t' })).not.toContain('h0t');
  });

  it('refuses a key that is not RSA, as GitHub would', () => {
    const { privateKey: other } = generateKeyPairSync('ed25519', {
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    });
    expect(refusal({ PRIVATE_KEY: other })).toMatch(/^SETTING_INVALID: PRIVATE_KEY /);
  });

  it.each(['WEIGHIN_BOARD_TOKEN', 'WEIGHIN_GUARD_SECRET'])('takes %s only where nobody guesses it, and never repeats it', (name) => {
    for (const weak of ['short', 'aaaaaaaaaaaaaaaaaaaaaaaa', 'with a space in its middle'])
      expect(refusal({ [name]: weak })).toBe(`SETTING_INVALID: ${name} can be guessed.`);
    expect(refusal({ [name]: '' })).toBe(null);
    expect(refusal({ [name]: '3f9c1b7a5d2e8046' })).toBe(null);
  });
});
