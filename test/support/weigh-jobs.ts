import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ownFolder } from './own-folder.ts';

const dist = process.env['WEIGHIN_DIST'] ?? join(import.meta.dirname, '../../dist');

export interface WeighJobsRequest {
  /** `workflow_run` or `repository_dispatch`, and its payload. */
  readonly event: string;
  readonly payload: unknown;
  readonly apiUrl: string;
  /** What GitHub gives a job: a token with the permissions that the workflow asks for it. */
  readonly token: (job: 'resolve' | 'rows' | 'judge' | 'attest' | 'store') => string;
  /** `acme/churn`, and the bare repository behind it. */
  readonly repository: string;
  readonly gitPath: string;
  readonly run: { readonly id: number; readonly attempt: number };
  /** Between the jobs: what an attacker who got into one could change of what it hands on. */
  readonly meddle?: (job: string, folder: string) => void;
}

export interface WeighJobs {
  /** Exit code and log of each job, by name; `predict candidate`. */
  readonly jobs: ReadonlyMap<
    string,
    { readonly status: number | null; readonly log: string; readonly outputs: Readonly<Record<string, string>> }
  >;
  /** By model: the folder that becomes the artifact weighin-evidence-…; missing where none was kept. */
  readonly evidence: ReadonlyMap<string, string>;
}

/** The weigh run's jobs as its workflow has them: each a process of the built action in a workspace of its own, with only what is brought there. */
export async function playWeighJobs(request: WeighJobsRequest): Promise<WeighJobs> {
  const top = ownFolder('weigh-jobs');
  const eventFile = join(top, 'event.json');
  writeFileSync(eventFile, JSON.stringify(request.payload));
  const jobs = new Map<string, { status: number | null; log: string; outputs: Record<string, string> }>();
  const evidence = new Map<string, string>();
  const weigh = (folder: string) => join(folder, 'weigh');
  const play = async (name: string, folder: string, inputs: Readonly<Record<string, string>>) => {
    mkdirSync(weigh(folder), { recursive: true });
    const outputFile = join(folder, `output-${Object.keys(inputs).length}`);
    writeFileSync(outputFile, '');
    const told = {
      folder: 'weigh',
      config: 'weighin.yaml',
      ...(name.startsWith('predict') ? {} : { 'github-token': request.token(name as Parameters<typeof request.token>[0]) }),
      ...inputs,
    };
    const env = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      GITHUB_ACTIONS: 'true',
      GITHUB_WORKSPACE: folder,
      GITHUB_OUTPUT: outputFile,
      GITHUB_EVENT_NAME: request.event,
      GITHUB_EVENT_PATH: eventFile,
      GITHUB_REPOSITORY: request.repository,
      GITHUB_SERVER_URL: 'https://github.test',
      GITHUB_API_URL: request.apiUrl,
      GITHUB_RUN_ID: String(request.run.id),
      GITHUB_RUN_ATTEMPT: String(request.run.attempt),
      GIT_CONFIG_COUNT: '1',
      GIT_CONFIG_KEY_0: `url.file://${request.gitPath}.insteadOf`,
      GIT_CONFIG_VALUE_0: `https://github.test/${request.repository}.git`,
      ...Object.fromEntries(Object.entries(told).map(([key, value]) => [`INPUT_${key.toUpperCase()}`, value])),
    };
    const { status, log } = await start(folder, env);
    const outputs = readOutputs(outputFile);
    jobs.set(name, { status, log, outputs });
    request.meddle?.(name, weigh(folder));
    return { status, outputs };
  };
  /** What upload-artifact and download-artifact do between two jobs. */
  const bring = (from: string, to: string, part: string) => {
    if (existsSync(join(weigh(from), part))) cpSync(join(weigh(from), part), join(weigh(to), part), { recursive: true });
  };
  const workspace = (name: string) => {
    const folder = join(top, name);
    mkdirSync(folder, { recursive: true });
    return folder;
  };

  const resolve = workspace('resolve');
  const resolved = await play('resolve', resolve, { step: 'resolve' });
  if (resolved.status !== 0) return { jobs, evidence };
  const tasks = JSON.parse(resolved.outputs['tasks'] ?? '{}') as Record<string, string>;
  for (const model of JSON.parse(resolved.outputs['models'] ?? '[]') as string[]) {
    const of = { model, task: tasks[model] ?? '' };
    const named = (job: string) => workspace(`${model}-${job}`);
    const rows = named('rows');
    bring(resolve, rows, 'tasks');
    await play('rows', rows, { step: 'rows', ...of });
    const judge = named('judge');
    for (const side of ['candidate', 'baseline']) {
      const predict = named(`predict-${side}`);
      bring(rows, predict, 'rows');
      if (!existsSync(join(weigh(predict), 'rows', 'rows.json'))) continue;
      await play(`predict ${side}`, predict, { step: 'predict', side });
      bring(predict, judge, `predictions/${side}`);
    }
    bring(resolve, judge, 'tasks');
    await play('judge', judge, { step: 'judge', ...of });
    const attest = named('attest');
    bring(resolve, attest, 'tasks');
    bring(judge, attest, 'judged');
    if (!existsSync(join(weigh(attest), 'judged', 'judged.json'))) continue;
    await play('attest', attest, { step: 'attest', ...of });
    const stored = await play('store', attest, { step: 'store', ...of });
    if (stored.status === 0) evidence.set(model, join(weigh(attest), 'evidence'));
  }
  return { jobs, evidence };
}

function start(cwd: string, env: Readonly<Record<string, string>>): Promise<{ status: number | null; log: string }> {
  const bundle = join(dist, 'weigh.js');
  if (!existsSync(bundle)) throw new Error(`${bundle} is not there: run \`npm run build\` first.`);
  return new Promise((answer, failed) => {
    const child = spawn(process.execPath, [bundle], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', failed);
    child.on('close', (status) => answer({ status, log: Buffer.concat(chunks).toString() }));
  });
}

/** GITHUB_OUTPUT as @actions/core writes it: `name<<delimiter`, lines, `delimiter`. */
function readOutputs(file: string): Record<string, string> {
  const found: Record<string, string> = {};
  const lines = readFileSync(file, 'utf8').split('\n');
  for (let at = 0; at < lines.length; at++) {
    const [, name, mark] = /^([\w-]+)<<(.+)$/.exec(lines[at] ?? '') ?? [];
    if (!name || !mark) continue;
    const end = lines.indexOf(mark, at + 1);
    found[name] = lines.slice(at + 1, end).join('\n');
    at = end;
  }
  return found;
}
