import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { UserError } from '../../errors.ts';
import { identifier, literal } from '../../query/sql-text.ts';
import { openTestRows } from '../evaluate-model.ts';
import type { ModelRun, RunContext } from '../run-context.ts';
import { writeJson } from '../run-folder.ts';
import type { Candidate } from './find-candidate.ts';
import type { PreparedWeigh } from './prepare-weigh.ts';
import type { WeighRows } from './weigh-documents.ts';

/**
 * What leaves the job that has the data, for the job that has the models: the test rows' features in their order, and both models. No
 * label, no identity, no time, no row number.
 */
export async function writeRows(
  context: RunContext,
  run: ModelRun,
  { candidate, prepared, within, out }: { candidate: Candidate; prepared: PreparedWeigh; within: string; out: string },
): Promise<WeighRows> {
  const { manifest, found } = prepared;
  const { config } = run;
  if (config.task === 'ranking') throw new Error('refused by prepareWeigh');
  const { test } = await openTestRows(context, run, prepared);
  if (test.facts.n === 0) throw new UserError('NO_ROWS', 'There is no test row to judge on.', 'Check the data and the split.');
  await mkdir(join(out, 'candidate'), { recursive: true });
  const engine = await context.engine();
  const columns = manifest.features.map(({ name }) => identifier(name)).join(', ');
  await engine.run(`COPY (SELECT ${columns} FROM ${test.relation}) TO ${literal(join(out, 'rows.parquet'))} (FORMAT parquet)`);
  await writeFile(join(out, 'candidate', candidate.file), candidate.bytes);
  if (found.resolved) {
    await mkdir(join(out, 'baseline'), { recursive: true });
    await writeFile(join(out, 'baseline', candidate.file), found.resolved.model);
  }
  const rows: WeighRows = {
    schema: 'weighin/weigh-rows@1',
    model: run.name,
    task: config.task,
    format: config.model.format,
    score: config.model.score ?? null,
    positive: manifest.positive,
    features: [...manifest.features],
    predict: config.model.predict ?? null,
    setup: config.training?.setup ?? null,
    folder: within,
    testDigest: manifest.splits.test.rowIds,
    rows: test.facts.n,
    seed: config.evaluation.defaults.ci.seed,
    candidate: { file: candidate.file, digest: candidate.digest, bytes: candidate.bytes.byteLength },
    baseline: found.resolved && {
      file: candidate.file,
      digest: found.resolved.record.subject.digest,
      bytes: found.resolved.model.byteLength,
    },
  };
  await writeJson(join(out, 'rows.json'), rows);
  return rows;
}
