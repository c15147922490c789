import { holdsSecret } from '../source/table-address.ts';
import type { ConfigPath } from './parse-yaml.ts';

/**
 * What the file may say already and this version doesn't do yet. `*` stands for any name or index.
 * A **block** would change this run's result, so the model is not run; a **notice** is for a later part, and the run stands without it.
 */
interface LaterKey {
  readonly path: string;
  readonly effect: 'block' | 'notice';
  /** Only these values, seen with the map that they stand in; any where it is not given. */
  readonly when?: (value: unknown, among: Readonly<Record<string, unknown>>) => boolean;
  /** Continues "`key: value` …". */
  readonly says: string;
}

/** A written key that waits for a later version. `model` is undefined where it concerns all of them. */
export interface Waiting {
  readonly effect: 'block' | 'notice';
  readonly model: string | undefined;
  readonly path: ConfigPath;
  readonly says: string;
}

const oneOf =
  (...values: readonly string[]) =>
  (value: unknown) =>
    typeof value === 'string' && values.includes(value);
const matches = (pattern: RegExp) => (value: unknown) => typeof value === 'string' && pattern.test(value);

const database = matches(/^(?!s3:|https?:|file:|postgres(?:ql)?:|sc:)[a-z][a-z0-9+]*:\/\//i);
const withSecret = (value: unknown) => typeof value === 'string' && !database(value) && holdsSecret(value);
const dvc = matches(/\.dvc$/i);
const fairness = matches(/^(?:demographic_parity|equalized_odds|equal_opportunity|disparate_impact|predictive_parity)/);

const table: readonly LaterKey[] = [
  { path: 'extends', effect: 'block', says: 'is not read yet, so a policy that it tightens would not be kept; write the gates here' },
  {
    path: 'models.*.task',
    effect: 'block',
    when: oneOf('multiclass', 'regression', 'ranking'),
    says: 'is not run yet; the pipeline judges binary',
  },
  {
    path: 'models.*.data.source',
    effect: 'block',
    when: withSecret,
    says: 'holds a password or token, which reports would show; take it out and set it in the environment (PGPASSWORD, WEIGHIN_SPARK_TOKEN)',
  },
  {
    path: 'models.*.data.features.*.source',
    effect: 'block',
    when: withSecret,
    says: 'holds a password or token, which reports would show; take it out and set it in the environment (PGPASSWORD, WEIGHIN_SPARK_TOKEN)',
  },
  {
    path: 'models.*.data.source',
    effect: 'block',
    when: database,
    says: 'is a kind of database that is not read; name postgres://, sc:// or a file',
  },
  {
    path: 'models.*.data.source',
    effect: 'block',
    when: dvc,
    says: 'is a DVC pointer, which is not followed yet; run `dvc pull` and name the file itself',
  },
  { path: 'models.*.data.heldout', effect: 'block', says: 'is not read yet, so the wrong rows would be judged' },
  {
    path: 'models.*.data.features.*.source',
    effect: 'block',
    when: database,
    says: 'is a kind of database that is not read; name postgres://, sc:// or a file',
  },
  {
    path: 'models.*.data.features.*.source',
    effect: 'block',
    when: dvc,
    says: 'is a DVC pointer, which is not followed yet; run `dvc pull` and name the file itself',
  },
  {
    path: 'models.*.data.split.by',
    effect: 'block',
    when: oneOf('group', 'column', 'kfold'),
    says: 'is not made yet; use stratified, random or time',
  },
  {
    path: 'models.*.training.trainer',
    effect: 'block',
    when: oneOf('gradient-boosting', 'linear-regression'),
    says: 'is not built in yet; use logistic-regression or a command',
  },
  { path: 'models.*.training.search', effect: 'block', says: 'is not run yet; set params, or search inside your command' },
  { path: 'models.*.model.source', effect: 'block', says: 'is not fetched yet; name a file in model.file' },
  { path: 'models.*.evaluation.gates.*.group', effect: 'block', says: 'is not judged yet; use slices: {by: [...]}' },
  {
    path: 'models.*.evaluation.gates.*.metric',
    effect: 'block',
    when: fairness,
    says: 'is not computed yet; use slices: {by: [...]} with recall',
  },
  {
    path: 'models.*.evaluation.decisions',
    effect: 'notice',
    says: 'is shown by `weighin evaluate --replay` and answered by `weighin serve`; a pull request does not show it yet',
  },
  { path: 'models.*.evaluation.costs', effect: 'notice', says: 'is not shown yet' },
  {
    path: 'models.*.stages.*.verify',
    effect: 'notice',
    when: (_, stage) => stage['rollout'] === undefined,
    says: 'is asked by the guard of a rollout; this stage has no `rollout:`, so nobody asks',
  },
];

/** Looks at what is written, not at defaults: nobody is told about a key that they did not write. */
export const findWaiting = (written: unknown): readonly Waiting[] =>
  table.flatMap(({ path, effect, when, says }) =>
    reach(written, path.split('.'), [])
      .filter(({ value, among }) => value !== undefined && (when?.(value, among) ?? true))
      .map((found) => ({ effect, model: found.path[0] === 'models' ? String(found.path[1]) : undefined, path: found.path, says })),
  );

function reach(
  value: unknown,
  steps: readonly string[],
  path: ConfigPath,
  among: Readonly<Record<string, unknown>> = {},
): readonly { readonly path: ConfigPath; readonly value: unknown; readonly among: Readonly<Record<string, unknown>> }[] {
  const [step, ...rest] = steps;
  if (step === undefined) return [{ path, value, among }];
  if (typeof value !== 'object' || value === null) return [];
  const entries: readonly (readonly [string | number, unknown])[] = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const around = Object.fromEntries(entries);
  return entries.filter(([key]) => step === '*' || key === step).flatMap(([key, child]) => reach(child, rest, [...path, key], around));
}
