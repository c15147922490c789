import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPrometheusSource } from '../../shared/adapters/metric-sources/open-prometheus-source.ts';
import type { RolloutConfig } from '../../shared/config/rollout-schema.ts';
import type { MetricReading, MetricSource, Reading, SourceState } from '../../shared/rollout/engine/metric-source.ts';
import { tool } from '../support/act-run.ts';

/** Counts of a real Prometheus, held against what its pods counted: pods that restart, leave and come, of two versions. */
const prometheus = tool('WEIGHIN_PROMETHEUS', 'prometheus');
const edges = [0.05, 0.1, 0.5, 1];

interface Pod {
  readonly version: string;
  total: number;
  bad: number;
  /** By bucket, the last above every edge. */
  readonly latency: number[];
  away: boolean;
}
const createPod = (version: string): Pod => ({ version, total: 0, bad: 0, latency: edges.map(() => 0).concat(0), away: false });
const pods: Record<string, Pod> = { stable: createPod('v11'), spare: createPod('v11'), candidate: createPod('v12') };
/** What was ever counted, of every process. */
const truth: Record<string, { bad: number; total: number; slow: number }> = {
  v11: { bad: 0, total: 0, slow: 0 },
  v12: { bad: 0, total: 0, slow: 0 },
};

function serve(pod: Pod, requests: number, bad: number, slow: number): void {
  pod.total += requests;
  pod.bad += bad;
  pod.latency[0]! += requests - slow;
  pod.latency[2]! += slow;
  const of = truth[pod.version]!;
  of.total += requests;
  of.bad += bad;
  of.slow += slow;
}
function pageOf({ version, total, bad, latency }: Pod): string {
  let below = 0;
  const bucket = (le: string, count: number) => {
    below += count;
    return `latency_seconds_bucket{version="${version}",le="${le}"} ${below}`;
  };
  return [
    '# TYPE requests counter',
    // As exporters do: a code has no series before it was answered.
    ...(bad > 0 ? [`requests_total{version="${version}",code="500"} ${bad}`] : []),
    `requests_total{version="${version}",code="200"} ${total - bad}`,
    '# TYPE latency_seconds histogram',
    ...edges.map((edge, at) => bucket(Number.isInteger(edge) ? `${edge}.0` : String(edge), latency[at]!)),
    bucket('+Inf', latency.at(-1)!),
    '# TYPE odd gauge',
    'odd{is="nan"} NaN',
    'odd{is="inf"} +Inf',
    '# EOF',
    '',
  ].join('\n');
}

let folder: string;
const servers: Server[] = [];
let scraper: ChildProcess;
let url = '';
const portOf = (of: Server) => (of.address() as AddressInfo).port;
const listen = (of: Server) => new Promise<void>((done) => of.listen(0, '127.0.0.1', done));
const wait = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));
let ticking: NodeJS.Timeout;
let serving = true;
let ticks = 0;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-prometheus-'));
  const targets: string[] = [];
  for (const name of Object.keys(pods)) {
    const server = createServer((request, response) => {
      const pod = pods[name]!;
      if (pod.away) return void request.socket.destroy();
      response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
      response.end(pageOf(pod));
    });
    await listen(server);
    servers.push(server);
    targets.push(`127.0.0.1:${portOf(server)}`);
  }
  const probe = createServer();
  await listen(probe);
  const port = portOf(probe);
  await new Promise((done) => probe.close(done));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: {scrape_interval: 1s, scrape_timeout: 900ms}\nscrape_configs: [{job_name: pods, static_configs: [{targets: ${JSON.stringify(targets)}}]}]\n`,
  );
  scraper = spawn(prometheus, ['--config.file=prometheus.yml', `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.path=data'], {
    cwd: folder,
    stdio: 'ignore',
  });
  url = `http://127.0.0.1:${port}`;
  // A healthy stable, and a candidate with more bad and more slow answers.
  ticking = setInterval(() => {
    if (!serving) return;
    serve(pods['stable']!, 40, ticks++ % 2, 2);
    serve(pods['spare']!, 20, 0, 1);
    serve(pods['candidate']!, 5, 1, 2);
  }, 100);
  const until = Date.now() + 60_000;
  for (;;) {
    const answer = await fetch(`${url}/api/v1/query?query=${encodeURIComponent('count(requests_total{code="200"})')}`).catch(() => null);
    if (answer?.ok && (await answer.text()).includes('"3"]')) break;
    if (Date.now() > until) throw new Error('Prometheus did not scrape the pods within a minute');
    await wait(250);
  }
}, 90_000);
afterAll(async () => {
  clearInterval(ticking);
  scraper?.kill();
  for (const server of servers) {
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  }
  rmSync(folder, { recursive: true, force: true });
});

const metrics = [
  {
    name: 'errors',
    bad: 'sum(increase(requests_total{version="$version",code=~"5.."}[$window]))',
    total: 'sum(increase(requests_total{version="$version"}[$window]))',
  },
  { name: 'slow', histogram: 'latency_seconds{version="$version"}', le: 0.1 },
  { name: 'latencies', histogram: 'latency_seconds{version="$version"}', test: 'distribution' as const },
];
const open = (of: RolloutConfig['metrics'] = metrics): MetricSource =>
  openPrometheusSource({
    url,
    definition: { strategy: 'canary', metrics: of } as RolloutConfig,
    rollout: 'careful',
    model: 'churn',
    delay: '1s',
    token: null,
  });

/** Reads until `enough` is so, keeping the state as the guard does. */
async function follow(
  source: MetricSource,
  enough: (sum: Sums, reading: Reading) => boolean,
  versions = { stable: 'v11', candidate: 'v12' },
) {
  const sum: Sums = {
    candidate: { bad: 0, total: 0, slow: 0 },
    stable: { bad: 0, total: 0, slow: 0 },
    rows: { candidate: 0, stable: 0 },
    missing: [],
  };
  let state: SourceState | null = null;
  for (let until = Date.now() + 60_000; ; ) {
    const reading: Reading = await source.read({ ...versions, state, now: Date.now() });
    state = JSON.parse(JSON.stringify(reading.state)) as SourceState;
    for (const arm of ['candidate', 'stable'] as const) {
      const errors: MetricReading | undefined = reading.metrics['errors'];
      const slow: MetricReading | undefined = reading.metrics['slow'];
      if (errors?.is === 'counts') {
        sum[arm].bad += errors[arm].bad;
        sum[arm].total += errors[arm].total;
      } else if (errors?.is === 'missing') sum.missing.push(errors.why);
      if (slow?.is === 'counts') sum[arm].slow += slow[arm].bad;
      const rows = reading.distributions['latencies'];
      if (rows && typeof rows !== 'string') sum.rows[arm] += rows[arm].reduce((all, count) => all + count, 0);
    }
    if (enough(sum, reading)) return { sum, reading };
    if (Date.now() > until) throw new Error(`not within a minute: ${JSON.stringify({ sum, reading })}`);
    await wait(500);
  }
}
interface Sums {
  readonly candidate: { bad: number; total: number; slow: number };
  readonly stable: { bad: number; total: number; slow: number };
  readonly rows: { candidate: number; stable: number };
  readonly missing: string[];
}

it('counts every event of both arms once, in adjacent windows of a few scrapes', async () => {
  const before = structuredClone(truth);
  const { sum } = await follow(open(), ({ candidate }) => candidate.total >= 400);
  // All that is still on its way, a few scrapes, belongs to neither side of the comparison.
  serving = false;
  const after = structuredClone(truth);
  const between = (arm: 'v11' | 'v12', key: 'bad' | 'total' | 'slow') => after[arm]![key] - before[arm]![key];
  serving = true;
  for (const [arm, version] of [
    ['candidate', 'v12'],
    ['stable', 'v11'],
  ] as const) {
    expect(sum[arm].total / between(version, 'total'), arm).toBeGreaterThan(0.6);
    expect(sum[arm].total / between(version, 'total'), arm).toBeLessThan(1.1);
    // One request of five is bad, two are slow: as exactly as windows of whole scrapes are.
    expect(sum.rows[arm] / sum[arm].total, arm).toBeCloseTo(1, 1);
  }
  expect(sum.candidate.bad / sum.candidate.total).toBeCloseTo(0.2, 2);
  expect(sum.candidate.slow / sum.candidate.total).toBeCloseTo(0.4, 2);
  expect(sum.stable.slow / sum.stable.total).toBeCloseTo(0.05, 2);
}, 90_000);

it("adds up to the pods' own counts when traffic stands still at both ends", async () => {
  serving = false;
  await wait(3500);
  const source = open();
  const first = await source.read({ stable: 'v11', candidate: 'v12', state: null, now: Date.now() });
  const before = structuredClone(truth);
  serving = true;
  await wait(6000);
  serving = false;
  await wait(6000);
  const after = structuredClone(truth);
  const { metrics: found } = await source.read({ stable: 'v11', candidate: 'v12', state: first.state, now: Date.now() });
  serving = true;
  const errors = found['errors']!;
  if (errors.is !== 'counts') throw new Error(JSON.stringify(errors));
  for (const [arm, version] of [
    ['candidate', 'v12'],
    ['stable', 'v11'],
  ] as const) {
    const [bad, total] = [after[version]!.bad - before[version]!.bad, after[version]!.total - before[version]!.total];
    expect(Math.abs(errors[arm].total - total) / total, `${arm} ${errors[arm].total} of ${total}`).toBeLessThan(0.02);
    expect(Math.abs(errors[arm].bad - bad), `${arm} ${errors[arm].bad} of ${bad}`).toBeLessThanOrEqual(Math.max(2, bad * 0.05));
  }
}, 90_000);

it('sees a restart as a restart: nothing is negative, and nothing is counted twice', async () => {
  let restarted = false;
  const before = structuredClone(truth);
  const { sum } = await follow(open(), ({ stable }, reading) => {
    if (!restarted && stable.total > 600) {
      pods['stable'] = createPod('v11');
      restarted = true;
    }
    expect(Object.values(reading.metrics).every((each) => each.is !== 'missing')).toBe(true);
    return restarted && stable.total > 2400;
  });
  const served = truth['v11']!.total - before['v11']!.total;
  expect(sum.stable.total / served).toBeLessThan(1.1);
  expect(sum.stable.total / served).toBeGreaterThan(0.6);
}, 90_000);

it('goes on with the pods of an arm that are there, and tells when none is', async () => {
  pods['spare']!.away = true;
  const { sum } = await follow(open(), ({ stable }) => stable.total > 800);
  expect(sum.missing).toEqual([]);
  pods['spare']!.away = false;
  pods['candidate']!.away = true;
  const { reading } = await follow(open(), ({ missing }) => missing.includes('stale'));
  expect(reading.metrics['errors']).toMatchObject({ is: 'missing', why: 'stale', detail: expect.stringContaining('v12') });
  pods['candidate']!.away = false;
  await follow(open(), ({ candidate }) => candidate.total > 50);
}, 120_000);

it('takes a version without traffic for one, and what nobody counts for nothing', async () => {
  const { reading } = await follow(open(), ({ stable }) => stable.total > 0, { stable: 'v11', candidate: 'v13' });
  expect(reading.metrics['errors']).toMatchObject({ is: 'counts', candidate: { bad: 0, total: 0 } });
  const asked = async (...of: NonNullable<RolloutConfig['metrics']>) => {
    const source = open(of);
    const first = await source.read({ stable: 'v11', candidate: 'v12', state: null, now: Date.now() - 10_000 });
    return (await source.read({ stable: 'v11', candidate: 'v12', state: first.state, now: Date.now() })).metrics;
  };
  const total = 'sum(increase(requests_total{version="$version"}[$window]))';
  const of = (name: string, bad: string) => ({ name, bad: `${bad} + 0 * ${total}`, total });
  expect(
    await asked(
      {
        name: 'none',
        bad: 'sum(increase(nothing_total{version="$version"}[$window]))',
        total: 'sum(increase(nothing_total{version="$version"}[$window]))',
      },
      { name: 'no-bad', bad: 'sum(increase(nothing_total{version="$version"}[$window]))', total },
      of('nan', 'sum(odd{is="nan"})'),
      of('inf', 'sum(odd{is="inf"})'),
      { name: 'many', bad: 'increase(requests_total{version="$version"}[$window])', total },
      { name: 'wrong', bad: 'sum(increase(requests_total{version="$version"}[$window])', total },
      { name: 'edge', histogram: 'latency_seconds{version="$version"}', le: 0.2 },
      { name: 'whole', histogram: 'latency_seconds{version="$version"}', le: 1 },
    ),
  ).toMatchObject({
    none: { why: 'empty' },
    'no-bad': { why: 'empty' },
    nan: { why: 'not-a-number' },
    inf: { why: 'infinite' },
    many: { why: 'invalid', detail: expect.stringContaining('series where one number is meant') },
    wrong: { why: 'invalid', detail: expect.stringContaining('parse error') },
    edge: { why: 'invalid', detail: '0.2 is no edge of latency_seconds; its edges are 0.05, 0.1, 0.5, 1.0' },
    whole: { is: 'counts', candidate: { bad: 0 } },
  });
}, 90_000);

it('knows the past of stable in buckets', async () => {
  const past = await open().history({ stable: 'v11', until: Date.now(), buckets: 10, bucketSeconds: 2 });
  expect(past['errors']!.length).toBeGreaterThanOrEqual(5);
  // Traffic stood still before those.
  for (const { bad, total } of past['errors']!.slice(-4)) {
    expect(Number.isInteger(bad) && Number.isInteger(total) && bad <= total).toBe(true);
    expect(total).toBeGreaterThan(200);
  }
  expect(past['latencies']).toBeUndefined();
});
