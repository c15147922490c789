import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { UserError } from '../errors.ts';

/**
 * Where a run leaves what it found, and where the steps find what the step before them left: one folder a model,
 * `<output>/runs/<model>/`. A step that runs alone, as its own Action, reads these files and nothing else.
 */
export interface RunFolder {
  readonly path: string;
  readonly contract: string;
  readonly dataset: string;
  readonly manifest: string;
  readonly tests: string;
  /** Folder that training writes into: the model, metrics.json, metrics.jsonl. */
  readonly training: string;
  readonly trainingResult: string;
  readonly evaluation: string;
  /** Of the training rows: what drift is compared with later. */
  readonly profile: string;
  /** What the candidate answered to the test rows, as counts. */
  readonly answers: string;
  readonly drift: string;
  readonly driftHtml: string;
  readonly report: string;
  readonly html: string;
  readonly card: string;
  readonly cardResult: string;
  readonly junit: string;
  readonly comment: string;
  readonly inputs: string;
}

export function runFolder(output: string, model: string): RunFolder {
  const path = join(output, 'runs', model);
  return {
    path,
    contract: join(path, 'contract.json'),
    dataset: join(path, 'dataset'),
    manifest: join(path, 'dataset', 'manifest.json'),
    tests: join(path, 'tests.json'),
    training: join(path, 'training'),
    trainingResult: join(path, 'training.json'),
    evaluation: join(path, 'evaluation.json'),
    profile: join(path, 'profile.json'),
    answers: join(path, 'answers.json'),
    drift: join(path, 'drift.json'),
    driftHtml: join(path, 'drift.html'),
    report: join(path, 'report.json'),
    html: join(path, 'report.html'),
    card: join(path, 'MODEL_CARD.md'),
    cardResult: join(path, 'card.json'),
    junit: join(path, 'junit.xml'),
    comment: join(path, 'comment.md'),
    inputs: join(path, 'inputs.json'),
  };
}

/** What runs leave is nobody's to commit: the folder ignores itself, whatever the team's own .gitignore says. */
export async function ignoreOutput(output: string): Promise<void> {
  await mkdir(output, { recursive: true });
  await writeFile(join(output, '.gitignore'), '*\n', { flag: 'wx' }).catch((cause: unknown) => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw cause;
  });
}

/** Writes a file whole or not at all. */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  const draft = `${path}.${randomUUID()}.draft`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(draft, content);
    await rename(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

export const writeJson = (path: string, value: unknown) => writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);

/** A step's file, or null where the step has not run. A file that is not what the step writes is refused. */
export async function readStep<Schema extends z.ZodType>(path: string, schema: Schema): Promise<z.infer<Schema> | null> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return null;
    throw cause;
  }
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new UserError(
      'STEP_FILE_INVALID',
      `${path} is not what this version of Weighin writes.`,
      'Delete the output folder and run again.',
      {
        file: path,
      },
    );
  }
}
