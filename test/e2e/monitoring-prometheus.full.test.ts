import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alertRules, renderAlertRules } from '../../shared/monitoring/alert-rules.ts';
import { dashboard } from '../../shared/monitoring/dashboard.ts';
import { metricSpecs } from '../../shared/monitoring/metric-specs.ts';
import { metricsPage } from '../../shared/pipeline/write-monitoring.ts';
import { tool } from '../support/act-run.ts';
import { troubledReport } from '../support/monitoring-report.ts';

/** What is generated, held against Prometheus itself: its linters, its rules' unit tests, and a server that scrapes a page of ours. */
const prometheus = tool('WEIGHIN_PROMETHEUS', 'prometheus');
const promtool = tool('WEIGHIN_PROMTOOL', 'promtool');
const models = [{ model: 'churn', stage: 'production', window: 86_400_000, shift: 0.03, alarm: 0.1 }];
const page = metricsPage(troubledReport());

let folder: string;
let server: Server;
let scraper: ChildProcess;
let api: string;

const portOf = (of: Server) => (of.address() as AddressInfo).port;
const listen = (of: Server) => new Promise<void>((done) => of.listen(0, '127.0.0.1', done));
const run = (command: string, args: readonly string[], input?: string) => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: folder, encoding: 'utf8', ...(input !== undefined && { input }) });
  return { status, output: `${stdout}${stderr}` };
};

async function ask(expression: string): Promise<readonly { readonly value: [number, string] }[]> {
  const response = await fetch(`${api}/api/v1/query?query=${encodeURIComponent(expression)}`);
  const { status, data, error } = (await response.json()) as {
    status: string;
    error?: string;
    data: { result: { value: [number, string] }[] };
  };
  expect(error, expression).toBeUndefined();
  expect(status).toBe('success');
  return data.result;
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-prometheus-'));
  server = createServer((_, response) => {
    response.setHeader('content-type', 'application/openmetrics-text; version=1.0.0; charset=utf-8');
    response.end(page);
  });
  await listen(server);
  // A port that is free now: Prometheus takes no 0.
  const probe = createServer();
  await listen(probe);
  const port = portOf(probe);
  await new Promise((done) => probe.close(done));
  writeFileSync(join(folder, 'alerts.yaml'), renderAlertRules(models));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    `global: {scrape_interval: 1s, evaluation_interval: 1s}
rule_files: [alerts.yaml]
scrape_configs:
  - job_name: weighin
    honor_labels: true
    static_configs: [{targets: ['127.0.0.1:${portOf(server)}']}]
`,
  );
  scraper = spawn(prometheus, ['--config.file=prometheus.yml', `--web.listen-address=127.0.0.1:${port}`, '--storage.tsdb.path=data'], {
    cwd: folder,
    stdio: 'ignore',
  });
  api = `http://127.0.0.1:${port}`;
  const until = Date.now() + 60_000;
  const scraped = async () => {
    const answer = await fetch(`${api}/api/v1/query?query=weighin_last_run_timestamp_seconds`).catch(() => null);
    return answer?.ok === true && (await answer.text()).includes('"model":"churn"');
  };
  while (!(await scraped())) {
    if (Date.now() > until) throw new Error('Prometheus did not scrape the page within a minute');
    await new Promise((done) => setTimeout(done, 250));
  }
}, 90_000);
afterAll(async () => {
  scraper?.kill();
  await new Promise((done) => server?.close(done));
  rmSync(folder, { recursive: true, force: true });
});

it('writes a page that has nothing to complain of', () => {
  expect(run(promtool, ['check', 'metrics'], page)).toEqual({ status: 0, output: '' });
});

it('writes rules that load', () => {
  expect(run(promtool, ['check', 'rules', 'alerts.yaml'])).toMatchObject({ status: 0, output: expect.stringContaining('5 rules found') });
});

it('says every metric that it declares, as Prometheus understands it', async () => {
  for (const name of Object.keys(metricSpecs)) expect((await ask(name)).length, name).toBeGreaterThan(0);
  const [drifted] = await ask('weighin_drift_level{column="spend"}');
  expect(drifted?.value[1]).toBe('2');
  // A name of a column that tries to leave its quotes arrives as it is.
  expect((await ask(String.raw`weighin_drift_level{column="plan \"x\\y\"\n"}`)).length).toBe(1);
});

const boardExpressions = () => {
  const { panels } = dashboard(models) as { panels: { title: string; targets: { expr: string }[] }[] };
  return panels.flatMap(({ title, targets }) =>
    targets.map(({ expr }) => [title, expr.replaceAll('$model', 'churn').replaceAll('$stage', 'production')] as const),
  );
};
it.each(boardExpressions())('draws data: %s: %s', async (_, expression) => {
  expect((await ask(expression)).length).toBeGreaterThan(0);
});

it.each(alertRules(models).flatMap(({ rules }) => rules.map(({ alert, expr }) => [alert, expr] as const)))(
  'fires where it should: %s',
  async (_, expression) => {
    expect((await ask(expression)).length).toBeGreaterThan(0);
  },
);

it('fires those alerts that wait for nothing', async () => {
  const firing = async () => {
    const { data } = (await (await fetch(`${api}/api/v1/alerts`)).json()) as {
      data: { alerts: { labels: { alertname: string }; state: string }[] };
    };
    return data.alerts
      .filter(({ state }) => state === 'firing')
      .map(({ labels }) => labels.alertname)
      .sort();
  };
  await expect
    .poll(firing, { timeout: 30_000, interval: 250 })
    .toEqual(['WeighinDrift', 'WeighinMissingValues', 'WeighinPerformanceDegraded']);
});

it('is silent on a good day, and tells when runs or rows stop', () => {
  const of = '{model="churn",stage="production"}';
  const episode = (kind: string) => `weighin_episode_open{model="churn",stage="production",kind="${kind}"}`;
  const told = (alertname: string, severity: string, extra: Record<string, string> = {}) => ({
    exp_labels: { model: 'churn', stage: 'production', severity, ...extra },
    alertname,
  });
  const description = (name: string) => alertRules(models)[0]?.rules.find(({ alert }) => alert === name)?.annotations;
  const expected = (time: string, name: string, alerts: readonly ReturnType<typeof told>[]) => ({
    eval_time: time,
    alertname: name,
    exp_alerts: alerts.map(({ exp_labels }) => ({ exp_labels, exp_annotations: description(name) })),
  });
  const test = {
    rule_files: ['alerts.yaml'],
    evaluation_interval: '10m',
    tests: [
      {
        interval: '5m',
        // One run at hour 0 and none after it; an episode from hour 3 to hour 5.
        input_series: [
          { series: `weighin_last_run_timestamp_seconds${of}`, values: '0x1000' },
          { series: `weighin_window_end_timestamp_seconds${of}`, values: '0x1000' },
          { series: episode('drift'), values: '0x35 1x35 0x900' },
          { series: episode('performance'), values: '0x1000' },
        ],
        alert_rule_test: [
          expected('2h', 'WeighinDrift', []),
          expected('3h', 'WeighinDrift', [told('WeighinDrift', 'warning', { kind: 'drift' })]),
          expected('6h', 'WeighinDrift', []),
          expected('6h', 'WeighinPerformanceDegraded', []),
          expected('49h', 'WeighinNotMonitored', []),
          expected('51h', 'WeighinNotMonitored', [told('WeighinNotMonitored', 'warning')]),
          expected('73h', 'WeighinNoRows', []),
          expected('75h', 'WeighinNoRows', [told('WeighinNoRows', 'warning')]),
        ],
      },
    ],
  };
  writeFileSync(join(folder, 'test.yaml'), JSON.stringify(test));
  expect(run(promtool, ['test', 'rules', 'test.yaml'])).toEqual({ status: 0, output: expect.stringContaining('SUCCESS') });
});
