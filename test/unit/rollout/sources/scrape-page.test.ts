import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as rollout from '../../../../cli/commands/rollout.ts';
import { answerRows } from '../../../../shared/serving/answer-rows.ts';
import { openMetricsType, renderMetrics } from '../../../../shared/serving/render-metrics.ts';
import { createCommandIo } from '../../../support/command-io.ts';
import { playEngine, rowsOf } from '../../serving/play-engine.ts';

const shop = `# HELP http_requests_total Answers
# TYPE http_requests_total counter
http_requests_total{version="v11",code="200"} 90
http_requests_total{version="v11",code="503"} 10
http_requests_total{version="v12",code="200"} 5
# TYPE http_request_duration_seconds histogram
http_request_duration_seconds_bucket{version="v11",le="0.05"} 80
http_request_duration_seconds_bucket{version="v11",le="0.2"} 95
http_request_duration_seconds_bucket{version="v11",le="+Inf"} 1000
http_request_duration_seconds_sum{version="v11"} 12
http_request_duration_seconds_count{version="v11"} 1000
# TYPE heat gauge
heat NaN
`;

let folder = '';
let server: Server;
let served = '';
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-scrape-'));
  writeFileSync(join(folder, 'shop.txt'), shop);
  writeFileSync(join(folder, 'bad.txt'), 'a 1\nb one\n');
  const { engine } = await playEngine(['v11', 'v12'], { weights: { v12: 100 } });
  for (let at = 0; at < 40; at++) await answerRows(engine, rowsOf({ p: at / 40 }));
  server = createServer((request, response) => {
    if (request.url === '/broken') return void response.writeHead(500).end('no');
    if (request.url === '/page') return void response.setHeader('content-type', 'text/html').end('<html></html>');
    if (request.url?.startsWith('/secret') && request.headers.authorization !== `Basic ${Buffer.from('me:p@ss').toString('base64')}`)
      return void response.writeHead(401).end();
    response.setHeader('content-type', openMetricsType);
    response.end(renderMetrics(engine, { open: request.headers.accept?.includes('openmetrics') === true, version: '1', ready: true }));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  served = `127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(async () => {
  await new Promise((done) => server.close(done));
  rmSync(folder, { recursive: true, force: true });
});

async function scrape(page: string | undefined, all = false) {
  const { io, printed, json } = createCommandIo(folder);
  const exit = await rollout.run({ action: 'scrape', page, all } as never, io);
  return { exit, printed, text: printed.join('\n'), json: json[0] as Record<string, unknown> };
}

describe('weighin rollout scrape', () => {
  it('says first what it is, then families, then what could be judged', async () => {
    const { exit, printed, text } = await scrape('shop.txt');
    expect(exit).toBe(0);
    expect(printed.slice(0, 2)).toEqual(['✓ Prometheus text 0.0.4: 3 families, 9 series', '  shop.txt']);
    expect(text).toContain('{version="v11"}  1,000 observations, 3 buckets up to 0.2\n      ≤ 0.05: 80 · ≤ 0.2: 15 · ≤ +Inf: 905');
    expect(text).toContain('heat');
    expect(text).toContain(
      `- {name: error_rate, bad: 'http_requests_total{version="$version",code="503"}', total: 'http_requests_total{version="$version"}', max: 0.01}\n      seen of v11, v12`,
    );
    expect(text).toContain(
      `- {name: slow_share, histogram: 'http_request_duration_seconds{version="$version"}', le: 0.05, max: 0.01}\n      seen of v11; edges 0.05, 0.2`,
    );
  });

  it('writes everything that it understood', async () => {
    const { json } = await scrape('shop.txt');
    expect(json).toMatchObject({ schema: 'weighin/metrics-page@1', from: 'shop.txt', format: 'prometheus', families: 3, series: 9 });
    expect(json['metrics']).toEqual([
      {
        name: 'http_requests_total',
        type: 'counter',
        unit: '',
        help: 'Answers',
        line: 1,
        series: [
          { labels: { version: 'v11', code: '200' }, value: 90 },
          { labels: { version: 'v11', code: '503' }, value: 10 },
          { labels: { version: 'v12', code: '200' }, value: 5 },
        ],
      },
      {
        name: 'http_request_duration_seconds',
        type: 'histogram',
        unit: '',
        help: '',
        line: 6,
        series: [{ labels: { version: 'v11' }, edges: [0.05, 0.2, '+Inf'], counts: [80, 15, 905], count: 1000, sum: 12 }],
      },
      { name: 'heat', type: 'gauge', unit: '', help: '', line: 12, series: [{ labels: {}, value: 'NaN' }] },
    ]);
  });

  it('keeps the schema that is published', async () => {
    const ajv = new Ajv2020({ strict: true, allowUnionTypes: true });
    const schema = JSON.parse(readFileSync(join(import.meta.dirname, '../../../../schema/metrics-page.schema.json'), 'utf8')) as object;
    const validate = ajv.compile(schema);
    for (const page of ['shop.txt', `http://${served}/metrics`]) {
      const { json } = await scrape(page);
      validate(json);
      expect(validate.errors ?? []).toEqual([]);
      expect(validate({ ...json, other: 1 })).toBe(false);
    }
  });

  it('reads the page of weighin serve', async () => {
    const { exit, printed, json } = await scrape(`http://${served}/metrics?key=hidden`);
    expect(exit).toBe(0);
    expect(printed[0]).toMatch(/^✓ OpenMetrics 1\.0: \d+ families, \d+ series$/);
    expect(printed[1]).toBe(`  http://${served}/metrics?…`);
    expect(json['judgeable']).toEqual([
      {
        name: 'error_rate',
        bad: 'weighin_serving_errors_total{version="$version"}',
        total: 'weighin_serving_requests_total{version="$version"}',
        versions: ['v12'],
      },
      expect.objectContaining({ name: 'slow_share', histogram: 'weighin_serving_latency_seconds{version="$version"}', le: 0.1 }),
      expect.objectContaining({ name: 'predictions', histogram: 'weighin_serving_score{version="$version"}', test: 'distribution' }),
    ]);
  });

  it('refuses a bad page with its line (exit 2), and a place without one (exit 3)', async () => {
    await expect(scrape('bad.txt')).rejects.toMatchObject({
      name: 'UserError',
      code: 'METRICS_INVALID',
      location: { file: 'bad.txt', line: 2, column: 3 },
    });
    await expect(scrape(`http://${served}/page`)).rejects.toMatchObject({ name: 'UserError', code: 'METRICS_FORMAT' });
    await expect(scrape(`http://${served}/broken`)).rejects.toMatchObject({ name: 'InfrastructureError', code: 'PAGE_UNREACHABLE' });
    await expect(scrape('http://127.0.0.1:1/metrics')).rejects.toMatchObject({ name: 'InfrastructureError', code: 'PAGE_UNREACHABLE' });
    await expect(scrape('none.txt')).rejects.toMatchObject({ code: 'FILE_NOT_FOUND' });
    await expect(scrape(undefined)).rejects.toMatchObject({ code: 'PAGE_MISSING' });
    await expect(scrape('http://')).rejects.toMatchObject({ code: 'SOURCE_URL_INVALID' });
  });

  it('takes a password out of the address, and shows none', async () => {
    const { printed, json } = await scrape(`http://me:p%40ss@${served}/secret`);
    expect(printed[1]).toBe(`  http://${served}/secret`);
    expect(JSON.stringify([printed, json])).not.toContain('ss@');
    const error = await scrape(`http://me:wrong@${served}/secret`).catch((cause: Error) => cause);
    expect((error as Error).message).toBe(`http://${served}/secret answers 401, no page of metrics.`);
    const nowhere = await scrape('http://me:wrong@127.0.0.1:1/secret').catch((cause: Error) => cause);
    expect((nowhere as Error).message).not.toContain('wrong');
  });

  it('shows what somebody wrote, not what it does to a terminal', async () => {
    writeFileSync(join(folder, 'evil.txt'), `# HELP a \u001b[2J\u202e\n# TYPE a gauge\na{b="\u001b[31m\u202e"} 1\n`);
    const { text } = await scrape('evil.txt');
    for (const hidden of ['\u001b', '\u202e']) expect(text).not.toContain(hidden);
    expect(text).toContain('⟨U+001B⟩');
    expect(text).toContain('no counts here tell versions apart');
  });
});
