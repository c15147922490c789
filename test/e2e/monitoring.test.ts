import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openDuckDB } from '../../shared/adapters/duckdb/open-duckdb.ts';
import { openRunContext } from '../../shared/adapters/open-run-context.ts';
import { type MonitoringReport, monitoringReportSchema } from '../../shared/monitoring/monitoring-report.ts';
import { type MonitorRequest, monitorModel } from '../../shared/pipeline/monitor-model.ts';
import { metricsPage, writeMonitoring } from '../../shared/pipeline/write-monitoring.ts';
import { profileTable } from '../../shared/profile/profile-table.ts';
import { profileText } from '../../shared/profile/profile-text.ts';
import { openSource } from '../../shared/source/table-source.ts';
import { createRandom } from '../../shared/statistics/random.ts';

/** Weeks of a prediction log, a day a file, judged each morning: what a team has after its first month. */
const day = 86_400_000;
const first = Date.UTC(2026, 9, 5);
const rowsADay = 300;
const date = (index: number) => new Date(first + index * day).toISOString().slice(0, 10);
const morning = (index: number) => new Date(first + index * day + 4 * 3_600_000);

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'weighin-monitoring-'));
  mkdirSync(join(folder, 'logs'));
  writeFileSync(
    join(folder, 'weighin.yaml'),
    `version: 1
store: store
models:
  churn:
    task: binary
    data: {source: reference.csv, label: churned}
    training: {trainer: logistic-regression}
    evaluation: {gates: [{metric: roc_auc, min: 0.7}]}
    drift: {reference: reference.json, log: "logs/*.jsonl", maxAge: 3d}
    retrain: {workflow: weighin.yml, on: [drift, {schedule: "0 4 1 * *"}]}
`,
  );
  // The reference has windows of its own: four weeks before.
  const rows = Array.from({ length: 28 }, (_, index) => answers(index - 28, 0)).flat();
  writeFileSync(
    join(folder, 'reference.csv'),
    ['time,plan,spend,region', ...rows.map(({ time, features: f }) => `${time},${f.plan},${f.spend},${f.region}`)].join('\n'),
  );
  const engine = await openDuckDB();
  const source = await openSource(engine, { source: 'reference.csv', root: folder });
  const profile = await profileTable(engine, source, {
    window: { column: 'time', milliseconds: day },
    columns: ['plan', 'spend', 'region'],
  });
  await engine.close();
  writeFileSync(join(folder, 'reference.json'), profileText(profile));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A day's answers; `drift` is the share of customers that changed to another plan and spend more. */
function answers(index: number, drift: number) {
  const { uniform: random } = createRandom(1_000 + index);
  return Array.from({ length: rowsADay }, (_, row) => {
    const moved = random() < drift;
    const [a, b, c] = [random(), random(), random()];
    return {
      id: `${index}-${row}`,
      time: new Date(first + index * day + Math.floor((row / rowsADay) * day)).toISOString(),
      model: 'churn',
      version: 'v1',
      features: {
        plan: moved ? 'flat' : a < 0.6 ? 'basic' : 'pro',
        spend: Math.round((moved ? 80 : 20) * (1 + b) * 100) / 100,
        region: c < 0.5 ? 'north' : 'south',
      },
      score: Math.round(a * 1000) / 1000,
      prediction: a < 0.5 ? '0' : '1',
      latency_ms: 3,
    };
  });
}
const log = (index: number, drift: number, name = date(index)) =>
  writeFileSync(
    join(folder, 'logs', `${name}.jsonl`),
    `${answers(index, drift)
      .map((one) => JSON.stringify(one))
      .join('\n')}\n`,
  );

async function monitor(now: Date, request: MonitorRequest = {}): Promise<MonitoringReport> {
  const context = await openRunContext({
    config: 'weighin.yaml',
    root: folder,
    output: '.weighin',
    progress: { step() {}, note() {}, warn() {} },
    env: {},
    now: () => now,
  });
  try {
    const { report } = await monitorModel(context, 'churn', request);
    await writeMonitoring(context.output, report, { metrics: join(folder, 'collector', 'weighin.prom') });
    // What a bot reads is what was written.
    const text = readFileSync(join(context.output, 'monitoring/churn/production/monitoring.json'), 'utf8');
    return monitoringReportSchema.parse(JSON.parse(text));
  } finally {
    await context.close();
  }
}
const stored = () =>
  readdirSync(join(folder, 'store'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .sort();

const story = { watched: 8, begins: 10, ends: 15, days: 20 };
const seen: MonitoringReport[] = [];
/** What the morning said of the days before it. */
const on = (index: number) => seen[index - story.watched];

describe('a month of mornings', { timeout: 120_000 }, () => {
  it('says nothing for ten days, alarms when two of three days agree, and is over when three in a row are calm', async () => {
    for (let index = 0; index < story.days; index++) {
      log(index, index >= story.begins && index < story.ends ? 0.3 : 0);
      // The first run finds a week that nobody looked at.
      if (index >= story.watched) seen.push(await monitor(morning(index)));
    }
    const open = seen.map(({ episodes }) => episodes.some(({ until }) => until === null));
    // The second day of drift is the first that alarms: judged on the morning after it.
    const since = story.begins + 1;
    const expected = seen.map((_, place) => place + story.watched).map((index) => index > since && index <= story.ends + 2);
    expect(open).toEqual(expected);
    expect(expected.filter(Boolean).length).toBe(story.ends - story.begins + 1);
    const id = `churn/production/drift/${date(since)}T00:00:00.000Z`;
    expect([...new Set(seen.flatMap(({ episodes }) => episodes.map((episode) => episode.id)))]).toEqual([id]);
    expect(seen.at(-1)?.episodes).toMatchObject([
      { id, since: `${date(since)}T00:00:00.000Z`, until: `${date(story.ends)}T00:00:00.000Z` },
    ]);
  });

  it('shows the first odd day as a shift that is no alarm yet', () => {
    const odd = on(story.begins + 1);
    expect(odd?.window).toMatchObject({ start: `${date(story.begins)}T00:00:00.000Z`, rows: rowsADay });
    expect(odd?.drift).toMatchObject({ verdict: 'warn', agree: { k: 2, m: 3 }, dataset: { level: 'shift', drifted: false } });
    expect(odd?.drift?.windows.at(-1)?.level).toBe('drift');
    const next = on(story.begins + 2);
    expect(next?.drift).toMatchObject({ verdict: 'fail', dataset: { level: 'drift' }, since: `${date(story.begins + 1)}T00:00:00.000Z` });
    expect(
      next?.drift?.columns
        .filter(({ drifted }) => drifted)
        .map(({ column }) => column)
        .sort(),
    ).toEqual(['plan', 'spend']);
  });

  it('asks for one retraining an episode, and for none before', () => {
    const wishes = seen.map(({ retrain }) => retrain?.key ?? '');
    const scheduled = 'schedule:2026-10-01T04:00:00.000Z';
    expect([...new Set(wishes)]).toEqual([scheduled, `churn/production/drift/${date(story.begins + 1)}T00:00:00.000Z`]);
    expect(wishes.indexOf(wishes.find((key) => key.includes('drift')) ?? '')).toBe(story.begins + 2 - story.watched);
  });

  it('finds the same when it is run again, and keeps nothing twice', async () => {
    const before = stored();
    const again = await monitor(morning(story.days - 1));
    expect(again).toEqual(seen.at(-1));
    expect(stored()).toEqual(before);
    expect(before.filter((name) => name.includes('/episodes/')).length).toBe(2);
    expect(before.filter((name) => /\d{8}T\d{6}Z\.[0-9a-f]{32}\.json$/.test(name)).length).toBe(story.days - 1);
  });

  it('says of a past morning what it said then, in spite of all that came since', async () => {
    const then = story.begins + 3;
    const { drift, episodes, window } = await monitor(morning(then), { until: morning(then), keep: false });
    expect({ drift, episodes, window }).toEqual({
      drift: on(then)?.drift,
      episodes: on(then)?.episodes,
      window: on(then)?.window,
    });
  });

  it('keeps no value of the data in what leaves, and a page that a collector can read', () => {
    const text = JSON.stringify(seen);
    expect(text).not.toContain(String(answers(3, 0)[7]?.features.spend));
    const page = metricsPage(seen.at(-1) as MonitoringReport);
    expect(page.endsWith('# EOF\n')).toBe(true);
    expect(readFileSync(join(folder, 'collector', 'weighin.prom'), 'utf8')).toMatch(/^# TYPE [\s\S]*# EOF\n$/);
    expect(page).toContain('weighin_episode_open{model="churn",stage="production",kind="drift"} 0\n');
    expect(metricsPage(on(story.begins + 2) as MonitoringReport)).toContain(
      'weighin_episode_open{model="churn",stage="production",kind="drift"} 1\n',
    );
    expect(page).toMatch(/weighin_drift_effect_ratio\{model="churn",stage="production",column="plan"\} 0\.\d+\n/);
  });

  it('adds rows that come late in a file of their own, and counts a window that is read again once', async () => {
    const late = answers(story.days - 2, 0)
      .slice(0, 60)
      .map((one) => JSON.stringify({ ...one, id: `late-${one.id}` }));
    const before = await monitor(morning(story.days - 1));
    // Only the new rows, as a team does that moves old pieces away.
    writeFileSync(join(folder, 'late.jsonl'), `${late.join('\n')}\n`);
    const after = await monitor(morning(story.days - 1), { current: 'late.jsonl' });
    expect(after.window?.start).toBe(before.window?.start);
    expect(after.window?.rows).toBe(rowsADay + 60);
    // The whole log again, late rows in it: contains both parts, and stands for them.
    writeFileSync(join(folder, 'logs', 'late.jsonl'), `${late.join('\n')}\n`);
    expect((await monitor(morning(story.days - 1))).window?.rows).toBe(rowsADay + 60);
  });

  it('lets two runs at once keep the same objects', async () => {
    log(story.days, 0);
    const now = morning(story.days + 1);
    const [one, two] = await Promise.all([monitor(now), monitor(now)]);
    expect(one).toEqual(two);
    expect(stored().filter((name) => name.includes(`${date(story.days).replaceAll('-', '')}T`)).length).toBe(1);
  });

  it('does not judge a day that is not over, nor one without rows, and says that rows stopped to come', async () => {
    const noon = new Date(first + (story.days + 1) * day + 12 * 3_600_000);
    log(story.days + 1, 0.9);
    expect((await monitor(noon)).window?.start).toBe(`${date(story.days)}T00:00:00.000Z`);
    rmSync(join(folder, 'logs', `${date(story.days + 1)}.jsonl`));
    const later = await monitor(morning(story.days + 6));
    expect(later.window?.start).toBe(`${date(story.days)}T00:00:00.000Z`);
    expect(later.drift?.findings[0]).toMatchObject({ kind: 'staleness', level: 'shift' });
    expect(later.drift?.verdict).toBe('warn');
  });
});

describe('what is missing', () => {
  const edited = async (from: string, to: string, request: MonitorRequest = {}) => {
    const file = join(folder, 'weighin.yaml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace(from, to));
    try {
      return await monitor(morning(5), request);
    } finally {
      writeFileSync(file, text);
    }
  };
  it.each([
    ['no log', 'log: "logs/*.jsonl", ', '', 'MONITOR_NO_LOG'],
    ['no profile', 'reference: reference.json, ', 'reference: nowhere.json, ', 'REFERENCE_NOT_FOUND'],
    ['no version yet', 'reference: reference.json, ', '', 'REFERENCE_MISSING'],
    ['a log that is not there', 'logs/*.jsonl', 'nowhere/*.jsonl', 'DATA_NOT_FOUND'],
  ])('says what to do: %s', async (_, from, to, code) => {
    await expect(edited(from, to)).rejects.toMatchObject({ code, hint: expect.stringMatching(/./) });
  });

  it('refuses a profile of another schema version, and one that somebody edited', async () => {
    const text = readFileSync(join(folder, 'reference.json'), 'utf8');
    writeFileSync(join(folder, 'other.json'), text.replace('weighin/profile@1', 'weighin/profile@9'));
    writeFileSync(join(folder, 'edited.json'), text.replace(/"rows":(\d)/, '"rows":9$1'));
    await expect(monitor(morning(5), { reference: 'other.json' })).rejects.toMatchObject({ code: 'PROFILE_VERSION' });
    await expect(monitor(morning(5), { reference: 'edited.json' })).rejects.toMatchObject({ code: 'PROFILE_EDITED' });
  });

  it('needs a time for rows of a table', async () => {
    await expect(monitor(morning(5), { current: 'reference.csv', time: 'plan' })).rejects.toMatchObject({ code: 'MONITOR_NO_TIME' });
  });
});
