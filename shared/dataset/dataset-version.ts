import type { DataConfig, ModelConfig } from '../config/schema.ts';
import { digestOfDocument } from '../digest/canonical-json.ts';
import type { TableSource } from '../source/table-source.ts';
import type { DatasetManifest } from './manifest.ts';
import type { ColumnPlan } from './plan-columns.ts';

/** Changes when the same inputs and request would give other rows or columns than before. */
const method = 'weighin/dataset@1';

/** What a dataset is made by, without where its data lies: a file keeps its version when it moves. */
export interface RecipeRequest {
  readonly config: DataConfig;
  readonly task: ModelConfig['task'];
  readonly asOf?: Date;
}

/** The part of the recipe that is known before any data is read. */
export function askedRecipe({ config, task, asOf }: RecipeRequest) {
  const { label, positive, id, cluster, time, labelTime, exclude, features, split } = config;
  return {
    method,
    task,
    label,
    positive: positive === undefined ? null : String(positive),
    id: id ?? null,
    cluster: cluster ?? null,
    time: time ?? null,
    labelTime: labelTime ?? null,
    exclude: [...(exclude ?? [])].sort(),
    features: features.map(({ entity, time, maxAge, columns }) => ({
      entity: typeof entity === 'string' ? [entity] : entity,
      time,
      maxAge: maxAge ?? null,
      columns: columns ?? null,
    })),
    split: {
      by: split.by,
      train: split.train,
      validation: split.validation,
      test: split.test,
      // A time split draws no lots.
      seed: split.by === 'time' ? null : split.seed,
      embargo: split.by === 'time' ? (split.embargo ?? null) : null,
    },
    asOf: asOf?.toISOString() ?? null,
  };
}

/** The whole recipe: what was asked, and the columns with the types that were found, whoever declared them. */
export const fullRecipe = (request: RecipeRequest, plan: ColumnPlan) => ({
  asked: askedRecipe(request),
  columns: recipeColumns(plan.source),
  joined: plan.joins.map((join) => [join.time, ...join.columns].map(({ name, sqlType }) => [name, sqlType])),
});

export const recipeColumns = ({ columns }: Pick<TableSource, 'columns'>) => columns.map(({ name, sqlType }) => [name, sqlType]);

/**
 * sha256 of inputs and recipe as canonical JSON. An input is its files' digests in order, with the `key=value` folders that become
 * columns; with an as-of date it is its rows by content, so that rows appended later change nothing.
 */
export function datasetVersion(inputs: DatasetManifest['inputs'], recipe: DatasetManifest['recipe']): string {
  const partitions = (path: string) => path.split('/').filter((folder) => folder.includes('='));
  return digestOfDocument({
    inputs: inputs.map(({ files, rows }) =>
      rows ? { rows } : { files: files.map(({ path, digest }) => ({ digest, partitions: partitions(path) })) },
    ),
    recipe,
  });
}
