import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataConfig, ModelConfig } from '../config/schema.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { ColumnType } from '../source/column-type.ts';
import type { FetchObjects } from '../source/fetch-objects.ts';
import { openSource, type TableSource } from '../source/table-source.ts';
import { assignSplits, countSplits } from './assign-splits.ts';
import { canonicalJson } from './canonical-digest.ts';
import { rowText } from './canonical-text.ts';
import { checkRequest, checkTimes } from './check-request.ts';
import { datasetVersion, fullRecipe } from './dataset-version.ts';
import { durationMicroseconds } from './duration.ts';
import { joinNotices, unmatchedFeatures } from './feature-notices.ts';
import { labelClasses } from './label-classes.ts';
import { type DatasetManifest, datasetManifestSchema } from './manifest.ts';
import { planColumns } from './plan-columns.ts';
import { joinSql, prepareFeature } from './prepare-feature.ts';
import { type Notice, prepareRows, rowsInWords } from './prepare-rows.ts';
import { readInputs } from './read-inputs.ts';
import { repeatedEntities } from './repeated-entities.ts';
import { replaceFolder } from './replace-folder.ts';
import { hasRepeatedIds, labelShares } from './row-counts.ts';
import { workNames } from './work-names.ts';
import { writeSplit } from './write-splits.ts';

export interface DatasetRequest {
  readonly config: DataConfig;
  readonly task: ModelConfig['task'];
  /** What relative paths of the config are relative to. */
  readonly root: string;
  /** Folder to make: three Parquet files and `manifest.json`; replaced whole. */
  readonly output: string;
  /** Rows, labels and feature values later than this instant are left out; equal ones stay. */
  readonly asOf?: Date;
  /** The source if it is open already, so that a CSV is parsed once. */
  readonly source?: TableSource;
  /** Types that the contract declares for the source. */
  readonly types?: Readonly<Record<string, ColumnType>>;
  readonly fetch?: FetchObjects;
}

/**
 * Makes the training, validation and test rows of a model: joins features as of each row's time, gives every row an identity, splits by
 * it, and writes three Parquet files with a manifest that says what they are. The same inputs and recipe give the same bytes on every
 * machine. The test rows lie in a file of their own, which training is never given.
 *
 * @throws UserError with the codes of the steps, and `SPLIT_NOT_YET_SUPPORTED`; InfrastructureError `OUTPUT_UNWRITABLE`.
 */
export async function buildDataset(engine: QueryEngine, request: DatasetRequest): Promise<DatasetManifest> {
  const { config, task, root, output } = request;
  const asOf = request.asOf ?? null;
  checkRequest(config, task, asOf);
  const fetch = request.fetch && { fetch: request.fetch };
  const source =
    request.source ?? (await openSource(engine, { source: config.source, root, ...(request.types && { types: request.types }), ...fetch }));
  const tables: TableSource[] = [];
  for (const feature of config.features) tables.push(await openSource(engine, { source: feature.source, root, ...fetch }));
  const plan = planColumns(config, source, tables);
  checkTimes(plan, config, asOf);

  const names = workNames(plan.joins.length);
  try {
    const notices: Notice[] = [];
    const byTime = config.split.by === 'time';
    const stratified = config.split.by === 'stratified' && (task === 'binary' || task === 'multiclass');
    const needsTime = byTime || asOf !== null;
    notices.push(...(await prepareRows(engine, { plan, table: names.rows, seed: config.split.seed, stratified, asOf, needsTime })));
    const label = await labelClasses(engine, names.rows, plan.label, task, config.positive);
    notices.push(...label.notices);
    const joins = plan.joins.map((join, index) => ({ join, table: names.features[index]! }));
    for (const { join, table } of joins) notices.push(...(await prepareFeature(engine, join, table, asOf)));
    notices.push(...(await joinNotices(engine, plan, names.rows)));

    const repeatedIds = plan.id !== null && (await hasRepeatedIds(engine, names.rows));
    const embargo = byTime && config.split.embargo ? durationMicroseconds(config.split.embargo) : 0;
    await assignSplits(engine, {
      table: names.rows,
      view: names.split,
      shares: config.split,
      by: byTime ? 'time' : 'hash',
      repeatedIds,
      embargo,
    });
    const counts = await countSplits(engine, names.split);
    if (counts.embargo > 0)
      notices.push({ code: 'EMBARGO', message: `${rowsInWords(counts.embargo)} left out: closer to a cut than ${config.split.embargo}.` });

    const inputs = await readInputs(engine, plan, asOf, names);
    const recipe = fullRecipe(request, plan);
    const { from, columns } = joinSql(joins);
    const own = source.columns.map(({ name }) => (name === plan.label.name ? label.sql : `r.${identifier(name)}`));
    // Rows of one id may differ: their content decides which comes first, since their place in the source must not.
    const tieBreak = repeatedIds
      ? [`md5(${rowText(source.columns.map((column) => ({ ...column, sql: `r.${identifier(column.name)}` })))})`]
      : [];
    const query = { view: names.split, columns: [...own, ...columns], joins: from, tieBreak };

    return await replaceFolder(output, async (draft) => {
      const splits = {
        train: await writeSplit(engine, draft, 'train', query),
        validation: await writeSplit(engine, draft, 'validation', query),
        test: await writeSplit(engine, draft, 'test', query),
      };
      notices.push(
        ...(await unmatchedFeatures(engine, plan, draft)),
        ...(await repeatedEntities(engine, plan, join(draft, splits.test.file))),
      );
      const manifest = datasetManifestSchema.parse({
        schema: 'weighin/dataset@1',
        version: datasetVersion(inputs, recipe),
        inputs,
        recipe,
        asOf: asOf?.toISOString() ?? null,
        declaredTypes: request.source ? null : (request.types ?? {}),
        features: plan.features.map(({ name, type }) => ({ name, type })),
        label: plan.label.name,
        positive: label.positive,
        id: plan.id?.name ?? null,
        cluster: plan.cluster?.name ?? null,
        time: plan.time?.name ?? null,
        splits,
        statistics: {
          train_rows: splits.train.rows,
          val_rows: splits.validation.rows,
          test_rows: splits.test.rows,
          train_label_dist: task === 'regression' ? {} : await labelShares(engine, names.split, splits.train.rows),
          num_features: plan.features.length,
        },
        notices,
      });
      await writeFile(join(draft, 'manifest.json'), `${canonicalJson(manifest)}\n`, { flush: true });
      return manifest;
    });
  } finally {
    await engine.run(names.drop);
  }
}
