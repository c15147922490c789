import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataConfig, ModelConfig } from '../config/schema.ts';
import { canonicalJson } from '../digest/canonical-json.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import { identifier } from '../query/sql-text.ts';
import type { ColumnType } from '../source/column-type.ts';
import type { FetchObjects } from '../source/fetch-objects.ts';
import type { ConnectEngine } from '../source/remote-engine.ts';
import { openSource, type TableSource } from '../source/table-source.ts';
import { assignSplits, countSplits, splitColumn } from './assign-splits.ts';
import { rowText } from './canonical-text.ts';
import { checkRequest, checkTimes } from './check-request.ts';
import { datasetStatistics } from './dataset-statistics.ts';
import { datasetVersion, fullRecipe } from './dataset-version.ts';
import { durationMicroseconds } from './duration.ts';
import { joinNotices, unmatchedFeatures } from './feature-notices.ts';
import { type LabelClasses, labelClasses } from './label-classes.ts';
import { type DatasetManifest, datasetManifestSchema } from './manifest.ts';
import { type ColumnPlan, planColumns } from './plan-columns.ts';
import { joinSql, prepareFeature } from './prepare-feature.ts';
import { type Notice, prepareRows, rowsInWords, work } from './prepare-rows.ts';
import { readInputs } from './read-inputs.ts';
import { repeatedEntities } from './repeated-entities.ts';
import { replaceFolder } from './replace-folder.ts';
import { hasRepeatedIds } from './row-counts.ts';
import { type WorkNames, workNames } from './work-names.ts';
import { type SplitQuery, writeSplit } from './write-splits.ts';

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
  /** Reaches the databases that sources name. */
  readonly connect?: ConnectEngine;
}

/**
 * Makes the training, validation and test rows of a model: joins features as of each row's time, gives every row an identity, splits by
 * it, and writes three Parquet files with a manifest that says what they are. The same inputs and recipe give the same bytes on every
 * machine. The test rows lie in a file of their own, which training is never given.
 *
 * @throws UserError with the codes of the steps, and `SPLIT_NOT_YET_SUPPORTED`; InfrastructureError `OUTPUT_UNWRITABLE`.
 */
export async function buildDataset(engine: QueryEngine, request: DatasetRequest): Promise<DatasetManifest> {
  checkRequest(request.config, request.task, request.asOf ?? null);
  const plan = await openPlan(engine, request);
  checkTimes(plan, request.config, request.asOf ?? null);
  const names = workNames(plan.joins.length);
  try {
    const prepared = await prepare(engine, request, plan, names);
    return await replaceFolder(request.output, (draft) => write(engine, request, plan, names, prepared, draft));
  } finally {
    await engine.run(names.drop);
  }
}

async function openPlan(engine: QueryEngine, { config, root, source: opened, types, fetch, connect }: DatasetRequest): Promise<ColumnPlan> {
  const open = (source: string, more = {}) =>
    openSource(engine, { source, root, ...(fetch && { fetch }), ...(connect && { connect }), ...more });
  const source =
    opened ?? (await open(config.source, { ...(types && { types }), ...(config.query !== undefined && { query: config.query }) }));
  const tables: TableSource[] = [];
  for (const feature of config.features) tables.push(await open(feature.source));
  return planColumns(config, source, tables);
}

interface Prepared {
  readonly label: LabelClasses;
  readonly query: SplitQuery;
  readonly notices: readonly Notice[];
}

/** Everything but the files: working tables of rows and features, and which row goes where. */
async function prepare(engine: QueryEngine, request: DatasetRequest, plan: ColumnPlan, names: WorkNames): Promise<Prepared> {
  const { config, task } = request;
  const { split } = config;
  const asOf = request.asOf ?? null;
  const byTime = split.by === 'time';
  const stratified = split.by === 'stratified' && task !== 'regression';
  const needsTime = byTime || asOf !== null;
  const notices = [...(await prepareRows(engine, { plan, table: names.rows, seed: split.seed, stratified, asOf, needsTime }))];
  const label = await labelClasses(engine, names.rows, plan.label, task, config.positive);
  notices.push(...label.notices);
  const joined = plan.joins.map((join, index) => ({ join, table: names.features[index]! }));
  for (const { join, table } of joined) notices.push(...(await prepareFeature(engine, join, table, asOf)));
  notices.push(...(await joinNotices(engine, plan, names.rows)));

  const repeatedIds = plan.id !== null && (await hasRepeatedIds(engine, names.rows));
  const embargo = byTime && split.embargo ? durationMicroseconds(split.embargo) : 0;
  const by = byTime ? 'time' : 'hash';
  await assignSplits(engine, { table: names.rows, view: names.split, shares: split, by, repeatedIds, embargo });
  const counts = await countSplits(engine, names.split);
  if (counts.embargo > 0) {
    notices.push({ code: 'EMBARGO', message: `${rowsInWords(counts.embargo)} left out: closer to a cut than ${split.embargo}.` });
  }

  const { from, columns } = joinSql(joined);
  const own = plan.source.columns.map((column) => ({ ...column, sql: `r.${identifier(column.name)}` }));
  const selected = own.map(({ name, sql }) => (name === plan.label.name ? label.sql : sql));
  // Rows of one id may differ: their content decides which comes first, since their place in the source must not.
  const tieBreak = repeatedIds ? [`md5(${rowText(own)})`] : [];
  return { label, notices, query: { view: names.split, columns: [...selected, ...columns], joins: from, tieBreak } };
}

async function write(
  engine: QueryEngine,
  request: DatasetRequest,
  plan: ColumnPlan,
  names: WorkNames,
  { label, notices, query }: Prepared,
  folder: string,
): Promise<DatasetManifest> {
  const asOf = request.asOf ?? null;
  const inputs = await readInputs(engine, plan, asOf, names);
  const recipe = fullRecipe(request, plan);
  const train = await writeSplit(engine, folder, 'train', query);
  const validation = await writeSplit(engine, folder, 'validation', query);
  const test = await writeSplit(engine, folder, 'test', query);
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
    splits: { train, validation, test },
    statistics: await datasetStatistics(engine, {
      relation: names.split,
      split: splitColumn,
      label: request.task === 'regression' ? null : work.label,
      features: plan.features.length,
    }),
    notices: [
      ...notices,
      ...(await unmatchedFeatures(engine, plan, folder)),
      // With a time split whole days are resampled, so that rows of one entity on one day stay together anyway.
      ...(request.config.split.by === 'time' ? [] : await repeatedEntities(engine, plan, join(folder, test.file))),
    ],
  });
  await writeFile(join(folder, 'manifest.json'), `${canonicalJson(manifest)}\n`, { flush: true });
  return manifest;
}
