import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, rm, stat } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { runFolder } from '../../pipeline/run-folder.ts';
import type { Report } from '../../report/report.ts';

/** Two artifacts: the small report, which a bot reads, and the model with its metadata, which a person downloads. */
export interface StagedArtifacts {
  /** `<model>-<attempt>`: what follows `weighin-report-` and `weighin-files-`. */
  readonly name: string;
  /** Folder of the small one: `<model>/report.json` … */
  readonly report: string;
  readonly files: string;
}

/** The reader of a report artifact refuses a larger one. */
export const reportLimit = 5_000_000;

/**
 * Lays out what leaves the runner in two folders below `folder`, one sub-folder a model. A list of what may leave, not of what
 * may not: rows, splits and predictions stay.
 */
export async function stageArtifacts(
  reports: readonly Report[],
  { output, folder, attempt }: { readonly output: string; readonly folder: string; readonly attempt: number },
): Promise<StagedArtifacts> {
  const staged = {
    name: `${artifactSubject(reports.map(({ model }) => model))}-${attempt}`,
    report: join(folder, 'report'),
    files: join(folder, 'files'),
  };
  await rm(folder, { recursive: true, force: true });
  let room = reportLimit;
  for (const report of reports) {
    const run = runFolder(output, report.model);
    for (const path of [run.report, run.comment, run.junit, run.html]) {
      const bytes = await sizeOf(path);
      if (bytes === null) continue;
      const small = bytes <= room;
      if (small) room -= bytes;
      await put(path, join(small ? staged.report : staged.files, report.model, relative(run.path, path)));
    }
    for (const path of [
      run.card,
      run.contract,
      run.manifest,
      run.tests,
      run.trainingResult,
      run.evaluation,
      ...modelFile(report, run.training),
    ])
      if ((await sizeOf(path)) !== null) await put(path, join(staged.files, report.model, relative(run.path, path)));
  }
  return staged;
}

/** A predictions file holds rows; they do not leave the runner. */
function modelFile({ training }: Report, folder: string): readonly string[] {
  if (!training || training.model.format === 'predictions') return [];
  const path = resolve(folder, training.model.file);
  return path.startsWith(`${resolve(folder)}/`) || path.startsWith(`${resolve(folder)}\\`) ? [path] : [];
}

/** No two jobs of a run may use a name twice: a model's own name, and `+`, which no model's name can hold, for several. */
export function artifactSubject(models: readonly string[]): string {
  const [first = 'none', ...others] = models;
  const joined = models.join('+');
  if (joined.length <= 80) return joined || first;
  return `${first}+${others.length}-${createHash('sha256').update(joined).digest('hex').slice(0, 8)}`;
}

async function put(from: string, to: string) {
  await mkdir(dirname(to), { recursive: true });
  // Models are large: a second name for the same bytes where the disk can.
  await link(from, to).catch(() => copyFile(from, to));
}

async function sizeOf(path: string): Promise<number | null> {
  const found = await stat(path).catch(() => null);
  return found?.isFile() ? found.size : null;
}
