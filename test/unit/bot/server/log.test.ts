import { describe, expect, it } from 'vitest';
import { createLog, type LogFormat, type LogLevel } from '../../../../bot/server/log.ts';

const key = '-----BEGIN RSA PRIVATE KEY-----\nabc\ndef\n-----END RSA PRIVATE KEY-----\n';

function writing(level: LogLevel, format: LogFormat = 'json', secrets: readonly string[] = []) {
  const lines: string[] = [];
  const log = createLog({ level, format, secrets, write: (line) => lines.push(line), now: () => new Date('2026-11-21T10:00:00Z') });
  return { log, lines };
}

describe('createLog', () => {
  it('writes one JSON object a line, with the fields of its parents', () => {
    const { log, lines } = writing('info');
    log.child({ repository: 'acme/churn' }).info({ hints: 3 }, 'worked');
    log.debug('not this');
    log.warn('alone');
    expect(lines.map((line) => JSON.parse(line))).toEqual([
      { level: 'info', time: '2026-11-21T10:00:00.000Z', msg: 'worked', repository: 'acme/churn', hints: 3 },
      { level: 'warn', time: '2026-11-21T10:00:00.000Z', msg: 'alone' },
    ]);
  });

  it('keeps of an error what a person needs, and nothing that a library hung on it', () => {
    const { log, lines } = writing('info');
    const error = Object.assign(new Error('Bad credentials'), {
      code: 'E401',
      request: { headers: { authorization: 'Basic YWRhOnNlY3JldA==' } },
    });
    log.error({ err: error }, 'failed');
    log.error(new AggregateError([new Error('one'), new Error('two')], 'both'));
    const [first, second] = lines.map((line) => JSON.parse(line));
    expect(first.err).toMatchObject({ name: 'Error', code: 'E401', message: 'Bad credentials' });
    expect(lines[0]).not.toContain('authorization');
    expect(second).toMatchObject({ msg: 'both', err: { errors: ['one', 'two'] } });
  });

  it.each<[string, Readonly<Record<string, unknown>>, string]>([
    ['a token of an installation', { note: 'ghs_16C7e42F292c6912E7710c838347Ae178B4a' }, '16C7e42F'],
    ['a fine-grained token', { note: 'github_pat_11ABCDEFG0_abcdefgh' }, '11ABCDEFG0'],
    ['a signed token', { note: 'eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiIxIn0.c2lnbmF0dXJl' }, 'c2lnbmF0dXJl'],
    ['a key', { deep: { er: [key] } }, 'abc'],
    ['a password in an address', { proxy: 'http://ada:hunter2@proxy:3128' }, 'hunter2'],
    ['a header', { headers: { authorization: 'token abcdefghijklmnopqrstuvwx' } }, 'abcdefghijkl'],
    ['a signature', { signature: `sha256=${'ab'.repeat(32)}` }, 'abab'],
    ['the webhook secret', { note: 'it is s3cret "quoted"!' }, 's3cret'],
  ])('never writes %s', (_what, fields, secret) => {
    for (const format of ['json', 'pretty'] as const) {
      const { log, lines } = writing('info', format, ['s3cret "quoted"!', key]);
      log.info(fields, `also in words: ${JSON.stringify(fields)}`);
      expect(lines[0]).not.toContain(secret);
    }
  });

  it('leaves digests and ordinary words alone', () => {
    const { log, lines } = writing('info');
    log.info({ digest: `sha256:${'ab'.repeat(32)}` }, 'a token expired, and the plan is basic');
    expect(lines[0]).toContain(`sha256:${'ab'.repeat(32)}`);
    expect(lines[0]).toContain('a token expired, and the plan is basic');
  });
});
