import { z } from 'zod';

/** Digests are `sha256:<64 hex>`. */
export const digestSchema = z.string().regex(/^sha256:[0-9a-f]{64}$/);

const splitFile = z.strictObject({
  /** Relative to the manifest. */
  file: z.string(),
  rows: z.number().int(),
  /** Of the Parquet bytes. */
  digest: digestSchema,
  /** sha256 over the sorted row identities, each followed by a newline: whether two data sets hold the same rows, whatever their columns. */
  rowIds: digestSchema,
});
export type SplitFile = z.infer<typeof splitFile>;

export const columnTypes = ['number', 'integer', 'text', 'boolean', 'timestamp', 'date'] as const;

/** `dataset/manifest.json`: what the rows are, where they came from, and the version that both give. */
export const datasetManifestSchema = z.strictObject({
  schema: z.literal('weighin/dataset@1'),
  /** sha256 over the inputs' digests and the recipe: the same inputs and recipe give the same version on every machine. */
  version: digestSchema,
  inputs: z.array(
    z.strictObject({
      source: z.string(),
      files: z.array(z.strictObject({ path: z.string(), bytes: z.number().int(), digest: digestSchema })),
      /** With an as-of date, and of a database's table: the rows that are left, by content. They count for the version then, in place of files. */
      rows: z.strictObject({ count: z.number().int(), digest: digestSchema }).optional(),
    }),
  ),
  /** What was done with them: split, joins, as-of date, columns left out. JCS of it is digested. */
  recipe: z.record(z.string(), z.unknown()),
  asOf: z.string().nullable(),
  /** Types that the contract declared when the source was read; null where it was read before, absent in a given manifest. */
  declaredTypes: z.record(z.string(), z.enum(columnTypes)).nullable().optional(),
  /** Columns that a model may read, in file order: neither label, id, times nor `__row`. */
  features: z.array(z.strictObject({ name: z.string(), type: z.enum(columnTypes) })),
  label: z.string(),
  /** The label's value that counts as 1, as text; null unless the task is binary. */
  positive: z.string().nullable(),
  id: z.string().nullable(),
  cluster: z.string().nullable(),
  time: z.string().nullable(),
  splits: z.strictObject({ train: splitFile, validation: splitFile, test: splitFile }),
  /** Names as teams log them. Shares by label value as text. */
  statistics: z.strictObject({
    train_rows: z.number().int(),
    val_rows: z.number().int(),
    test_rows: z.number().int(),
    train_label_dist: z.record(z.string(), z.number()),
    num_features: z.number().int(),
  }),
  /** Things a reviewer should know: rows dropped by `--as-of` or an embargo, ids that repeat … */
  notices: z.array(z.strictObject({ code: z.string(), message: z.string() })),
});
export type DatasetManifest = z.infer<typeof datasetManifestSchema>;

/**
 * Columns that every split file holds beside the source's and the joined ones:
 * `__row` BIGINT, the row's number in the source from 1, for findings; `__id` VARCHAR, the row's identity in hex, which orders the file.
 */
export const rowNumberColumn = '__row';
export const rowIdColumn = '__id';
