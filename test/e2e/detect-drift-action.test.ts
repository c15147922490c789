import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { weighin } from '../support/built-cli.ts';

/** actions/detect-drift as GitHub runs it: the bundle as a process, with what its action.yml hands on, and the upload step's own words. */
const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');
const textByName = z.record(z.string(), z.coerce.string());
const composite = z
  .object({
    inputs: z.record(z.string(), z.object({ default: z.string().optional() })),
    runs: z.object({ steps: z.array(z.object({ name: z.string(), env: textByName.optional(), with: textByName.optional() })) }),
  })
  .parse(parse(readFileSync(join(import.meta.dirname, '../../actions/detect-drift/action.yml'), 'utf8')));
const stepOf = (name: string) => composite.runs.steps.find((step) => step.name === name);

let top: string;
let repository: string;
beforeAll(async () => {
  top = mkdtempSync(join(tmpdir(), 'weighin-detect-drift-'));
  repository = join(top, 'repository');
  mkdirSync(join(repository, 'logs'), { recursive: true });
  writeFileSync(
    join(repository, 'weighin.yaml'),
    `version: 1
mode: enforce
models:
  churn:
    task: binary
    data: {source: training.csv, label: churned, id: customer_id}
    training: {trainer: logistic-regression}
    evaluation: {gates: [{metric: roc_auc, min: 0.5}]}
    drift: {log: "logs/*.jsonl", reference: training.profile.json, window: 1d}
    stages: {production: {approvals: 1}}
`,
  );
  const rows = Array.from({ length: 600 }, (_, i) => `c${i},${age(i)},${plan(i)},${i % 2}`);
  writeFileSync(join(repository, 'training.csv'), ['customer_id,age,plan,churned', ...rows].join('\n'));
  // Ten years older from the third day on.
  for (let day = 1; day <= 5; day++) {
    const lines = Array.from({ length: 200 }, (_, i) => answer(day, i, day >= 3 ? 10 : 0));
    writeFileSync(join(repository, 'logs', `day-${day}.jsonl`), `${lines.join('\n')}\n`);
  }
  const made = await weighin(['profile', '--data', 'training.csv', '--output', 'training.profile.json'], { cwd: repository });
  expect(made).toMatchObject({ status: 0 });
}, 60_000);
afterAll(() => rmSync(top, { recursive: true, force: true }));

const age = (i: number) => 20 + ((i * 7_919) % 41);
const plan = (i: number) => ['basic', 'family', 'premium'][(i * 31) % 3] ?? '';
const answer = (day: number, i: number, older: number) =>
  JSON.stringify({
    id: `d${day}-${i}`,
    time: new Date(Date.UTC(2026, 0, 5 + day, 0, 0, i * 400)).toISOString(),
    ...{ model: 'churn', version: 'v1', features: { age: age(i * 3) + older, plan: plan(i) } },
    ...{ score: (i % 100) / 100, prediction: i % 2, latency_ms: 1 },
  });

interface Played {
  readonly status: number | null;
  readonly log: string;
  readonly outputs: Readonly<Record<string, string>>;
  readonly summary: string;
  /** By the name of the artifact: its files; null where the upload step does not run. */
  readonly uploaded: { readonly name: string; readonly files: readonly string[] } | null;
}

let runs = 0;
async function play(inputs: Readonly<Record<string, string>>): Promise<Played> {
  const folder = join(top, `run-${++runs}`);
  mkdirSync(join(folder, 'temp'), { recursive: true });
  for (const file of ['output', 'summary', 'event.json']) writeFileSync(join(folder, file), file === 'event.json' ? '{}' : '');
  const given = Object.fromEntries(Object.entries(composite.inputs).map(([name, input]) => [name, inputs[name] ?? input.default ?? '']));
  const handed = Object.entries(stepOf('Detect drift')?.env ?? {}).map(([name, value]) => [
    name,
    value.replace(/\$\{\{ inputs\.([\w-]+) \}\}/, (_, input: string) => given[input] ?? `no input ${input}`),
  ]);
  const env = {
    ...{
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: repository,
      RUNNER_TEMP: join(folder, 'temp'),
    },
    ...{
      GITHUB_OUTPUT: join(folder, 'output'),
      GITHUB_STEP_SUMMARY: join(folder, 'summary'),
      GITHUB_EVENT_PATH: join(folder, 'event.json'),
    },
    ...{
      GITHUB_EVENT_NAME: 'schedule',
      GITHUB_REPOSITORY: 'acme/churn',
      GITHUB_REF: 'refs/heads/main',
      GITHUB_RUN_ID: '1',
      GITHUB_RUN_ATTEMPT: '2',
    },
    ...Object.fromEntries(handed),
  };
  const { status, log } = await start(join(dist, 'detect-drift.js'), env);
  const outputs = readOutputs(join(folder, 'output'));
  const filled = (text = '') => text.replace(/\$\{\{ steps\.run\.outputs\.([\w-]+) \}\}/, (_, name: string) => outputs[name] ?? '');
  const upload = stepOf('Report')?.with ?? {};
  const uploads = given['upload'] === 'true' && (outputs['artifact'] ?? '') !== '';
  const path = filled(upload['path']);
  return {
    ...{ status, log, outputs, summary: readFileSync(join(folder, 'summary'), 'utf8') },
    uploaded: uploads ? { name: filled(upload['name']), files: filesBelow(path) } : null,
  };
}

const filesBelow = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name).slice(folder.length + 1))
    .sort();

function start(bundle: string, env: Readonly<Record<string, string>>): Promise<{ status: number | null; log: string }> {
  if (!existsSync(bundle)) throw new Error(`${bundle} is not there: run \`npm run build\` first.`);
  return new Promise((done, failed) => {
    const child = spawn(process.execPath, [bundle], { cwd: repository, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', failed);
    child.on('close', (status) => done({ status, log: Buffer.concat(chunks).toString() }));
  });
}

/** GITHUB_OUTPUT as @actions/core writes it: `name<<mark`, lines, `mark`. */
const readOutputs = (file: string): Record<string, string> =>
  Object.fromEntries(
    [...readFileSync(file, 'utf8').matchAll(/^([\w-]+)<<(\S+)\n([\s\S]*?)\n?\2$/gm)].map(([, name = '', , value = '']) => [name, value]),
  );

it('judges the windows of production, stops the step, and leaves what the bot takes where the upload step looks', async () => {
  const { status, log, outputs, summary, uploaded } = await play({ until: '2026-01-11' });
  expect([status, log]).toEqual([1, expect.stringContaining('age')]);
  expect(outputs).toMatchObject({
    ...{ verdict: 'fail', level: 'drift', drifted: '["age"]', retrain: '' },
    episode: 'churn/production/drift/2026-01-09T00:00:00.000Z',
    ...{ report: '.weighin/monitoring/churn/production/monitoring.json', metrics: '.weighin/monitoring/churn/production/weighin.prom' },
    html: '.weighin/monitoring/churn/production/drift.html',
  });
  for (const file of ['report', 'html', 'metrics']) expect(existsSync(join(repository, outputs[file] ?? ''))).toBe(true);
  expect(uploaded?.name).toBe('weighin-monitoring-churn-2');
  expect(uploaded?.files).toEqual(
    ['drift.html', 'drift.json', 'drift.md', 'monitoring.json', 'weighin.prom'].map((file) => join('churn/production', file)),
  );
  expect(summary).toMatch(/^## .*churn/);
}, 60_000);

it('compares two tables once, and uploads the page by a name that the bot does not take', async () => {
  const inputs = { mode: 'compare', reference: 'training.profile.json', current: 'training.csv' };
  const { status, log, outputs, summary, uploaded } = await play(inputs);
  expect([status, log]).toEqual([0, expect.stringContaining('no drift in 3 columns')]);
  expect(outputs).toMatchObject({
    ...{ verdict: 'pass', level: 'none', drifted: '[]' },
    report: '.weighin/monitoring/churn/compare/drift.json',
    html: '.weighin/monitoring/churn/compare/drift.html',
  });
  expect(uploaded).toEqual({
    name: 'weighin-drift-churn-2',
    files: ['drift.html', 'drift.json', 'drift.md'].map((file) => join('churn', file)),
  });
  expect(summary).toMatch(/^## ✅ churn: no drift/);
  expect((await play({ ...inputs, upload: 'false' })).uploaded).toBeNull();
}, 60_000);

it.each([
  [{ mode: 'compare', current: 'training.csv' }, 'SIDE_MISSING'],
  [{ mode: 'compare', reference: 'gone.csv', current: 'training.csv' }, 'No data at gone.csv'],
  [{ mode: 'both' }, 'mode'],
  [{ until: 'yesterday' }, 'until is yesterday'],
  [{ stage: 'canary' }, 'no stage canary'],
  [{ current: 'nolog/*.jsonl' }, 'No data at nolog'],
])('says what is wrong with %j in an annotation, and uploads nothing', async (inputs, told) => {
  const { status, log, outputs, uploaded } = await play(inputs);
  expect([status, uploaded, outputs['verdict']]).toEqual([2, null, 'error']);
  expect(log).toMatch(/^::error /m);
  expect(log).toContain(told);
});
