import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fetchTree } from '../../shared/adapters/git/fetch-tree.ts';
import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import type { Progress } from '../../shared/pipeline/progress.ts';
import { answerRows } from '../../shared/pipeline/weigh/answer-rows.ts';
import { findCandidate } from '../../shared/pipeline/weigh/find-candidate.ts';
import { judgeWeighed } from '../../shared/pipeline/weigh/judge-weighed.ts';
import { prepareWeigh } from '../../shared/pipeline/weigh/prepare-weigh.ts';
import { readWeighDocument, type Side, type WeighTask, weighTaskSchema } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { writeRows } from '../../shared/pipeline/weigh/write-rows.ts';
import { openWeighing, repositoryUrl, type Weighing } from './open-weighing.ts';

/** Where the steps of one model find what the steps before them left: in a job of its own, each is an artifact that was brought there. */
export interface StepPlace {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly token: string | undefined;
  readonly progress: Progress;
  readonly model: string;
  /** Digest of the task as the output of the step resolve says it. */
  readonly taskDigest: string;
  /** Absolute. */
  readonly folder: string;
}

export const places = (folder: string) => ({
  tasks: join(folder, 'tasks'),
  rows: join(folder, 'rows'),
  predictions: join(folder, 'predictions'),
  judged: join(folder, 'judged'),
  evidence: join(folder, 'evidence'),
  work: join(folder, 'work'),
});

/** The task, by the digest that came another way than the file. @throws UserError TASK_OTHER */
export async function readTask({ folder, model, taskDigest }: StepPlace): Promise<WeighTask> {
  const bytes = await readFile(join(places(folder).tasks, model, 'task.json'));
  const task = readWeighDocument(bytes, weighTaskSchema, 'task.json');
  if (digestOf(bytes) !== taskDigest || task.model !== model)
    throw new UserError('TASK_OTHER', `The task of ${model} is not the one that this run resolved.`, 'Run the whole workflow again.');
  return task;
}

/** Step rows. False where there is nothing to ask a model: the contract stops, and the judge says so. */
export async function rowsStep(place: StepPlace): Promise<boolean> {
  const { tasks, rows: out, work } = places(place.folder);
  const task = await readTask(place);
  const weighing = await openWeighing({ ...place, task, work });
  const { context, run, within } = weighing;
  try {
    const candidate = await findCandidate(context, run, task, join(tasks, task.model));
    const prepared = await prepareWeigh(context, run, candidate, weighing.judgedBy);
    if (!prepared) return false;
    await rm(out, { recursive: true, force: true });
    await writeRows(context, run, { candidate, prepared, within, out });
    if (run.config.model.format === 'command')
      await takeCode(place, task, weighing, prepared.found.resolved?.record.source.commit ?? null, out);
    return true;
  } finally {
    await context.close();
  }
}

/** A command needs its code: each side's of its own commit, for a job of its own. */
async function takeCode(
  { env, token }: StepPlace,
  task: WeighTask,
  { head, run }: Weighing,
  baselineCommit: string | null,
  out: string,
): Promise<void> {
  const code = join(out, 'code');
  await cp(head, join(code, 'candidate'), { recursive: true });
  if (baselineCommit) await fetchTree({ url: repositoryUrl(task, env), token, commit: baselineCommit, folder: join(code, 'baseline') });
  else await mkdir(join(code, 'baseline'), { recursive: true });
  // Rows with their labels are no code.
  const sources = run.config.data ? [run.config.data.source, ...run.config.data.features.map(({ source }) => source)] : [];
  for (const side of ['candidate', 'baseline'])
    for (const source of sources)
      if (!source.includes('://'))
        await rm(resolve(code, side, run.root.slice(head.length + 1), withoutGlob(source)), { recursive: true, force: true });
}

/** The folder that a glob begins in: more than it matches is left out. */
function withoutGlob(source: string): string {
  const parts = source.split('/');
  const first = parts.findIndex((part) => /[*?[{]/.test(part));
  return first <= 0 ? (first === 0 ? '.' : source) : parts.slice(0, first).join('/');
}

/** Step predict: knows neither token nor task; whatever it says is judged. */
export async function predictStep({ env, progress, folder }: Pick<StepPlace, 'env' | 'progress' | 'folder'>, side: Side): Promise<void> {
  const { rows, predictions } = places(folder);
  const [{ openDuckDB }, { openSession }, { runProcess }] = await Promise.all([
    import('../../shared/adapters/duckdb/open-duckdb.ts'),
    import('../../shared/adapters/onnxruntime/open-session.ts'),
    import('../../shared/adapters/process/run-process.ts'),
  ]);
  const engine = await openDuckDB();
  try {
    await answerRows(rows, side, join(predictions, side), { engine: async () => engine, openSession, runProcess, env, progress });
  } finally {
    await engine.close();
  }
}

/** Step judge. */
export async function judgeStep(place: StepPlace): Promise<{ readonly verdict: string; readonly headline: string }> {
  const { tasks, predictions, judged, work } = places(place.folder);
  const task = await readTask(place);
  const { context, run, headSha, tree, judgedBy, notices } = await openWeighing({ ...place, task, work });
  try {
    const request = { task, taskDigest: place.taskDigest, taskFolder: join(tasks, task.model), answers: predictions, out: judged };
    const { report } = await judgeWeighed(context, run, { ...request, headSha, tree, judgedBy, notices });
    return { verdict: report.verdict, headline: report.headline };
  } finally {
    await context.close();
  }
}
