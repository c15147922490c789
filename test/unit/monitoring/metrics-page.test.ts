import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { pushMetrics } from '../../../shared/adapters/push-gateway/push-metrics.ts';
import { collectMetrics } from '../../../shared/monitoring/collect-metrics.ts';
import { metricSpecs } from '../../../shared/monitoring/metric-specs.ts';
import { renderOpenMetrics } from '../../../shared/monitoring/render-openmetrics.ts';
import { troubledReport } from '../../support/monitoring-report.ts';

describe('a page of metrics', () => {
  const samples = collectMetrics(troubledReport());
  const page = renderOpenMetrics(samples);

  it('has each family once and in one piece, declared before its values, and ends', () => {
    const families = [...page.matchAll(/^# TYPE (\w+) gauge$/gm)].map(([, name]) => name);
    expect(families).toEqual(Object.keys(metricSpecs));
    expect(page.endsWith('# EOF\n')).toBe(true);
    let family = '';
    for (const line of page.trimEnd().split('\n').slice(0, -1)) {
      const [, declared] = /^# TYPE (\w+)/.exec(line) ?? [];
      if (declared) family = declared;
      else expect(line.replace(/^# (?:HELP|UNIT) /, '').startsWith(family), line).toBe(true);
    }
  });

  it('ends a name with its unit', () => {
    for (const [name, spec] of Object.entries(metricSpecs)) if ('unit' in spec) expect(name.endsWith(`_${spec.unit}`), name).toBe(true);
  });

  it('gives each sample the labels that its metric declares', () => {
    for (const { name, labels } of samples) expect(Object.keys(labels), name).toEqual(['model', 'stage', ...metricSpecs[name].labels]);
  });

  it('lets no name of a column out of its quotes', () => {
    expect(page).toContain(String.raw`weighin_drift_level{model="churn",stage="production",column="plan \"x\\y\"\n"} 1`);
    const hostile = renderOpenMetrics([{ name: 'weighin_window_rows', labels: { model: 'a"} 1\n# EOF\nb\r\0\ud800' }, value: 1 }]);
    expect(hostile.match(/^# EOF$/gm)).toHaveLength(1);
    expect(hostile).toContain(String.raw`{model="a\"} 1\n# EOF\nb`);
    expect([...hostile].some((letter) => letter !== '\n' && letter < ' ')).toBe(false);
  });

  it('has one series of two columns whose names look the same, the first: twice would spoil the page', () => {
    const of = (column: string, value: number) => ({ name: 'weighin_drift_level' as const, labels: { column }, value });
    const twins = renderOpenMetrics([of('a\u0001', 2), of('b', 1), of('a\u0002', 0)]);
    expect(twins.split('\n').filter((line) => line.startsWith('weighin_'))).toEqual([
      'weighin_drift_level{column="a�"} 2',
      'weighin_drift_level{column="b"} 1',
    ]);
  });

  it('says nothing of what is not known', () => {
    const quiet = collectMetrics(
      troubledReport({ drift: null, performance: null, window: null, version: null, episodes: [], retrain: null }),
    );
    expect([...new Set(quiet.map(({ name }) => name))]).toEqual([
      'weighin_last_run_timestamp_seconds',
      'weighin_episode_open',
      'weighin_retrain_wanted',
    ]);
    expect(quiet.filter(({ name }) => name !== 'weighin_last_run_timestamp_seconds').every(({ value }) => value === 0)).toBe(true);
  });
});

describe('a push gateway', () => {
  async function gateway(status: number, answer = true) {
    const got: { method?: string | undefined; url?: string | undefined; authorization?: string | undefined; body?: string } = {};
    const server = createServer((request, response) => {
      const body: Buffer[] = [];
      request.on('data', (chunk: Buffer) => body.push(chunk));
      request.on('end', () => {
        Object.assign(got, {
          method: request.method,
          url: request.url,
          authorization: request.headers.authorization,
          body: Buffer.concat(body).toString(),
        });
        if (answer) response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:9/' } : {}).end('secret words');
      });
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    return { got, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
  }
  const push = (url: string, env = {}, timeout = 5_000) =>
    pushMetrics({ url, group: { model: 'churn', stage: 'production' }, page: '# EOF\n', env, timeout });

  it('sends no password in the open, except on this machine', async () => {
    const told = push('http://push.example.com', { WEIGHIN_PUSH_TOKEN: 'secret-token' });
    await expect(told).rejects.toMatchObject({ code: 'PUSH_NOT_ENCRYPTED', message: expect.not.stringContaining('secret-token') });
  });

  it('replaces the group of the model, with credentials of the environment', async () => {
    const { got, url } = await gateway(200);
    await push(`${url}/gate/`, { WEIGHIN_PUSH_USER: 'u', WEIGHIN_PUSH_PASSWORD: 'p' });
    expect(got).toEqual({
      method: 'PUT',
      url: '/gate/metrics/job/weighin/model/churn/stage/production',
      authorization: `Basic ${btoa('u:p')}`,
      body: '# EOF\n',
    });
    await push(url, { WEIGHIN_PUSH_TOKEN: 't' });
    expect(got.authorization).toBe('Bearer t');
  });

  it.each([
    [401, 'PUSH_REFUSED'],
    [404, 'PUSH_REFUSED'],
    [503, 'PUSH_UNREACHABLE'],
    [302, 'PUSH_UNREACHABLE'],
  ])('says what to do when it answers %i', async (status, code) => {
    const { url } = await gateway(status);
    await expect(push(url, { WEIGHIN_PUSH_PASSWORD: 'hush', WEIGHIN_PUSH_USER: 'u' })).rejects.toMatchObject({
      code,
      message: expect.not.stringMatching(/hush|secret words/),
    });
  });

  it('gives up, and says so, when nobody answers', async () => {
    const { url } = await gateway(200, false);
    await expect(push(url, {}, 100)).rejects.toMatchObject({
      code: 'PUSH_UNREACHABLE',
      message: expect.stringContaining('did not answer within 0.1 s'),
    });
    await expect(push('http://127.0.0.1:9')).rejects.toMatchObject({ code: 'PUSH_UNREACHABLE' });
  });

  it.each(['https://user:hush@push.example.com', 'ftp://push.example.com', 'push.example.com', 'https://push.example.com/?token=hush'])(
    'refuses %s',
    async (url) => {
      await expect(push(url)).rejects.toMatchObject({ code: 'PUSH_URL_INVALID', message: expect.not.stringContaining('hush') });
    },
  );
});
