import { z } from 'zod';
import { rolloutSchema } from './rollout-schema.ts';
import { duration, entryName, secret, text } from './schema-parts.ts';

/**
 * `weighin.yaml`, declared once: the reader validates with this, the types are inferred from it, and
 * `schema/weighin.schema.json` (for editors) is generated from it. Every object is strict.
 * The whole file is here, also what only later parts of the suite act on; `not-yet-supported.ts` names those.
 */

const share = z.number().gt(0).lte(1);
const bytes = z
  .union([z.number().nonnegative(), z.string().regex(/^\d+(?:\.\d+)?\s*(?:B|kB|KB|MB|GB|KiB|MiB|GiB)$/, 'a number or a size such as 50MB')])
  .meta({ description: 'Bytes, or a size such as 50MB.' });

const feature = z.strictObject({
  source: text.meta({ description: 'CSV, Parquet or JSON lines with one row per entity and observation.' }),
  entity: z.union([z.string(), z.array(z.string()).min(1)]).meta({ description: 'Column(s) that both tables share.' }),
  time: text.meta({ description: "When the feature's value became known." }),
  maxAge: duration.optional().meta({ description: 'Older values count as missing.' }),
  columns: z.array(z.string()).optional().meta({ description: 'Which columns to join; all but entity and time by default.' }),
});

const split = z.strictObject({
  by: z.enum(['stratified', 'random', 'time', 'group', 'column', 'kfold']).default('stratified'),
  train: share.default(0.7),
  validation: z.number().gte(0).lt(1).default(0.15),
  test: share.default(0.15),
  seed: z.number().int().nonnegative().default(42),
  embargo: duration.optional().meta({ description: 'With by: time, rows this close before a cut are left out.' }),
  column: text.optional(),
  folds: z.number().int().min(2).optional(),
});

const data = z.strictObject({
  source: text.meta({ description: 'CSV, Parquet, JSON lines; globs; s3://bucket/key; a .dvc pointer; a database address.' }),
  query: text.optional(),
  contract: text.optional().meta({ description: 'ODCS v3 contract that the data must satisfy.' }),
  label: text,
  positive: z.union([z.string(), z.number(), z.boolean()]).optional().meta({ description: 'Value of the label that counts as positive.' }),
  id: text.optional().meta({ description: "Column that names a row; else a row's whole content names it." }),
  cluster: text.optional().meta({ description: 'Rows that share this value are resampled together.' }),
  time: text.optional().meta({ description: 'When the row was known: joins look no later, time splits cut here.' }),
  labelTime: text.optional().meta({ description: 'When the label became known; an event later than it is leakage.' }),
  exclude: z.array(z.string()).optional().meta({ description: 'Columns that the model must not see.' }),
  features: z.array(feature).default([]),
  split: split.default({ by: 'stratified', train: 0.7, validation: 0.15, test: 0.15, seed: 42 }),
  heldout: z.string().optional(),
});

const test = z.strictObject({
  name: entryName,
  command: text,
  junit: text.optional().meta({ description: 'JUnit XML that the command leaves.' }),
  severity: z.enum(['fail', 'warn']).default('fail'),
  timeout: duration.optional(),
});

const training = z
  .strictObject({
    setup: text.optional().meta({ description: 'Runs once before the command, for example pip install.' }),
    command: text.optional().meta({ description: 'Any language; leaves the model in $WEIGHIN_OUTPUT.' }),
    trainer: z.enum(['logistic-regression', 'linear-regression', 'gradient-boosting']).optional(),
    features: z.array(z.string()).optional().meta({ description: 'Columns that a built-in trainer reads; all by default.' }),
    params: z.record(z.string(), z.unknown()).default({}),
    seed: z.number().int().nonnegative().default(42),
    timeout: duration.default('1h'),
    search: z
      .strictObject({
        method: z.enum(['random', 'grid']),
        trials: z.number().int().positive().optional(),
        metric: text,
        space: z.record(z.string(), z.unknown()),
      })
      .optional(),
  })
  .refine((value) => !(value.command && value.trainer), { message: 'has both command and trainer; keep one' });

const modelFile = z.strictObject({
  format: z.enum(['onnx', 'command', 'predictions', 'metrics']).default('onnx'),
  file: text.optional().meta({ description: 'The model file; model.onnx in the output folder by default.' }),
  predict: text.optional().meta({ description: 'format: command. Reads rows from $WEIGHIN_ROWS, writes $WEIGHIN_PREDICTIONS.' }),
  score: text.optional().meta({ description: 'Column (predictions) or ONNX output that holds the score.' }),
  source: text.optional(),
});

const compare = z
  .strictObject({
    maxRegression: z.union([z.number().nonnegative(), z.literal('auto')]).optional(),
    minImprovement: z.number().nonnegative().optional(),
    maxRelative: z.number().nonnegative().optional().meta({ description: 'Divides by the baseline: 0.2 is 20 %.' }),
  })
  .refine((value) => Object.values(value).filter((limit) => limit !== undefined).length === 1, {
    message: 'needs exactly one of maxRegression, minImprovement, maxRelative',
  });

const limit = z.union([z.number(), bytes]);
const gate = z
  .strictObject({
    metric: text,
    name: z.string().optional(),
    min: limit.optional(),
    above: limit.optional(),
    max: limit.optional(),
    below: limit.optional(),
    compare: compare.optional(),
    prove: z.enum(['safe', 'harm']).optional(),
    decide: z.enum(['bound', 'point']).default('bound'),
    severity: z.enum(['fail', 'warn']).default('fail'),
    slices: z.strictObject({ by: z.array(z.string()).min(1), minSize: z.number().int().positive().default(50) }).optional(),
    group: text.optional(),
    threshold: z.number().gte(0).lte(1).optional().meta({ description: 'Score from which a row counts as positive; 0.5 by default.' }),
    minSamples: z
      .strictObject({ rows: z.number().int().nonnegative().optional(), perClass: z.number().int().nonnegative().optional() })
      .optional(),
    ci: z
      .strictObject({
        method: z.enum(['auto', 'bca', 'percentile']).optional(),
        level: z.number().gt(0.5).lt(1).optional(),
        resamples: z.number().int().min(200).optional(),
        seed: z.number().int().nonnegative().optional(),
      })
      .optional(),
  })
  .refine((value) => [value.min, value.above, value.max, value.below, value.compare].filter((rule) => rule !== undefined).length === 1, {
    message: 'needs exactly one of min, above, max, below, compare',
  });

const evaluation = z.strictObject({
  maxRows: z.number().int().positive().default(1_000_000),
  threshold: z.number().gte(0).lte(1).default(0.5),
  baseline: z
    .strictObject({
      stage: entryName.default('production'),
      onMissing: z.enum(['pass-with-notice', 'fail']).default('pass-with-notice'),
      maxAge: duration.optional(),
    })
    .default({ stage: 'production', onMissing: 'pass-with-notice' }),
  defaults: z
    .strictObject({
      ci: z
        .strictObject({
          method: z.enum(['auto', 'bca', 'percentile']).default('auto'),
          level: z.number().gt(0.5).lt(1).default(0.9),
          resamples: z.number().int().min(200).default(2000),
          seed: z.number().int().nonnegative().default(7),
        })
        .default({ method: 'auto', level: 0.9, resamples: 2000, seed: 7 }),
      minSamples: z
        .strictObject({ rows: z.number().int().nonnegative().default(200), perClass: z.number().int().nonnegative().default(30) })
        .default({ rows: 200, perClass: 30 }),
      harmMultiplicity: z.enum(['holm', 'none', 'bh']).default('holm'),
      onInconclusive: z.enum(['warn', 'fail', 'pass']).default('warn'),
      looks: z
        .strictObject({
          budget: z.number().int().positive().default(20),
          spend: z.enum(['equal']).default('equal'),
          onSpent: z.enum(['warn', 'fail']).default('warn'),
          correct: z.boolean().default(false),
        })
        .default({ budget: 20, spend: 'equal', onSpent: 'warn', correct: false }),
    })
    .default({
      ci: { method: 'auto', level: 0.9, resamples: 2000, seed: 7 },
      minSamples: { rows: 200, perClass: 30 },
      harmMultiplicity: 'holm',
      onInconclusive: 'warn',
      looks: { budget: 20, spend: 'equal', onSpent: 'warn', correct: false },
    }),
  metrics: z.array(z.string()).optional().meta({ description: 'Metrics to report; the usual ones of the task by default.' }),
  slices: z.array(z.string()).default([]).meta({ description: 'Columns to report metrics by, without a gate.' }),
  gates: z.array(gate).min(1, 'a gate: with none, nothing would be judged'),
  decisions: z.array(z.strictObject({ above: z.number().optional(), label: z.string() })).optional(),
  costs: z
    .strictObject({ truePositive: z.number(), falsePositive: z.number(), falseNegative: z.number(), trueNegative: z.number() })
    .optional(),
});

/** What is compared with the reference, window by window. */
export const watched = ['inputs', 'prediction', 'label', 'performance'] as const;
const oneOrMore = <Values extends readonly [string, ...string[]]>(values: Values) =>
  z.union([z.enum(values), z.array(z.enum(values)).min(1)]);

const drift = z.strictObject({
  reference: text.optional().meta({
    description: '`training-of STAGE`, by default of the stage that is watched: what its version was trained on; or the path of a profile.',
  }),
  window: duration.default('1d'),
  method: text.default('default').meta({ description: 'default, evidently, or a test by name, for every column.' }),
  columnMethods: z.record(z.string(), text).default({}).meta({ description: 'Another method for a column, by its name.' }),
  shift: share.default(0.03).meta({ description: 'From this share of rows that would have to move, a change is told.' }),
  alarm: share.default(0.1).meta({ description: 'From this share on, it is drift: an issue, and a retraining where asked for.' }),
  agree: z
    .string()
    .regex(/^[1-9]\d? of [1-9]\d?$/, '`K of M`, such as 2 of 3')
    .default('2 of 3')
    .meta({ description: 'An alarm needs so many of the last windows.' }),
  shareLimit: share.optional().meta({ description: 'Also an alarm when this share of the columns drifted.' }),
  by: z
    .union([text, z.array(text).min(1).max(2)])
    .optional()
    .meta({ description: 'One or two columns whose segments are compared by themselves.' }),
  log: text.optional().meta({ description: 'The prediction log: a file, glob or s3:// address of JSON lines or Parquet.' }),
  labels: text.optional().meta({ description: 'Labels that came later, by the id of the log.' }),
  on: oneOrMore(watched)
    .default(['inputs', 'prediction'])
    .meta({ description: 'What is watched: inputs, prediction, label, performance.' }),
  maxAge: duration.optional().meta({ description: 'A newest row older than this is stale.' }),
  metric: text.optional().meta({ description: "Of performance; that of the first comparing gate by default, else the first gate's." }),
  dispersion: z
    .union([z.literal('auto'), z.number().gte(1)])
    .default('auto')
    .meta({ description: "How much days differ: auto learns it from the reference's own windows." }),
});

const retrain = z.strictObject({
  workflow: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.ya?ml$/, 'the file name of a workflow, such as train.yml')
    .meta({
      description: 'A workflow of .github/workflows on the default branch that has `repository_dispatch: {types: [weighin-retrain]}`.',
    }),
  cooldown: duration.default('3d').meta({ description: 'From one retraining to the next, at least.' }),
  on: z
    .array(
      z.union([
        z.enum(['drift', 'performance', 'new-data']),
        z.strictObject({ schedule: text.meta({ description: 'Five fields of cron, in UTC.' }) }),
      ]),
    )
    .min(1),
});

const card = z.strictObject({
  template: z.string().default('default'),
  owners: z.array(z.string()).optional(),
  license: z.string().optional(),
  intendedUse: z.string().optional(),
  users: z.string().optional(),
  outOfScope: z.string().optional(),
  limitations: z.string().optional().meta({ description: 'Text, or the path of a Markdown file.' }),
  ethics: z.string().optional(),
  require: z.array(z.enum(['intendedUse', 'users', 'outOfScope', 'limitations', 'ethics', 'owners', 'license'])).default([]),
});

/** A person (`@anna`), a repository role (`maintain`), or a team of the owner by its slug. */
const principal = z
  .string()
  .regex(
    /^(?:@[A-Za-z0-9][A-Za-z0-9-]*(?:\[bot\])?|[a-z0-9][a-z0-9._-]*)$/,
    'a person as @login, a role (write, maintain, admin) or the slug of a team',
  );

const freeze = z.strictObject({ from: z.string(), to: z.string(), reason: z.string().optional(), timezone: z.string().optional() });
const stage = z.strictObject({
  approvals: z.union([z.number().int().nonnegative(), z.record(z.string(), z.number().int().nonnegative())]).default(1),
  approvers: z
    .array(principal)
    .min(1)
    .optional()
    .meta({ description: 'Whose approvals count: @login, a team, or a role (write, maintain, admin); everyone with write by default.' }),
  requesters: z
    .array(principal)
    .min(1)
    .optional()
    .meta({ description: 'Who may ask for a promotion, a rollback or a hold; everyone with write by default.' }),
  merge: z
    .enum(['person', 'bot'])
    .default('person')
    .meta({ description: 'Who merges a promotion that is ready: a person, or the bot as soon as nothing is unmet.' }),
  after: entryName.optional(),
  soak: duration.optional(),
  requires: z.enum(['pass']).optional(),
  rollout: entryName.optional(),
  freeze: z.array(freeze).optional(),
  verify: z.array(z.union([z.strictObject({ http: text }), z.strictObject({ command: text })])).optional(),
  allowClaimed: z.boolean().optional(),
  builders: z.array(z.string()).optional(),
});

const model = z.strictObject({
  task: z.enum(['binary', 'multiclass', 'regression', 'ranking']),
  description: z.string().optional(),
  code: z
    .array(z.string())
    .optional()
    .meta({ description: "Globs whose change is a change of this model; the config's folder by default." }),
  data: data.optional(),
  tests: z.array(test).default([]),
  training: training.optional(),
  model: modelFile.default({ format: 'onnx' }),
  evaluation,
  drift: drift.optional(),
  retrain: retrain.optional(),
  card: card.default({ template: 'default', require: [] }),
  stages: z.record(entryName, stage).default({}),
});

/** What people can be told of by a webhook. */
export const notifyEvents = ['promoted', 'refused', 'rolled-back', 'held', 'drift', 'failed'] as const;
const notify = z
  .strictObject({
    webhook: secret
      .optional()
      .meta({ description: 'Address in an environment variable; the body is JSON, signed with WEIGHIN_NOTIFY_SECRET.' }),
    slack: secret.optional().meta({ description: 'The same, in the shape of a Slack message.' }),
    issue: z.boolean().optional(),
    events: z.array(z.enum(notifyEvents)).optional(),
  })
  .refine((value) => value.webhook || value.slack || value.issue !== undefined, { message: 'needs webhook, slack or issue' });

const conversation = z.strictObject({
  surface: z
    .enum(['check', 'comment', 'both'])
    .default('both')
    .meta({ description: 'Where the bot reports on a pull request: check runs, the one comment, or both.' }),
  verbs: z
    .enum(['standalone', 'prefixed'])
    .default('standalone')
    .meta({ description: 'Whether /promote and its kin also work without /weighin before them.' }),
  template: text.optional().meta({ description: 'Handlebars template of the comment; read from the default branch.' }),
});

export const configSchema = z
  .strictObject({
    version: z.literal(1),
    mode: z.enum(['advise', 'enforce']).default('enforce').meta({ description: 'advise tells and blocks nothing; enforce fails the job.' }),
    include: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .meta({ description: 'Further config files, by glob, whose models join this one.' }),
    extends: z.string().optional(),
    store: z.string().optional().meta({ description: 'github, s3://bucket/prefix, or a folder.' }),
    privacy: z.strictObject({ values: z.enum(['deny', 'allow']).default('deny') }).default({ values: 'deny' }),
    models: z.record(entryName, model).default({}),
    notify: z.array(notify).optional(),
    conversation: conversation.default({ surface: 'both', verbs: 'standalone' }),
    rollouts: z.record(entryName, rolloutSchema).optional(),
  })
  .meta({ title: 'weighin.yaml', description: 'How Weighin judges the models of this repository.' });

export type Config = z.infer<typeof configSchema>;
export type ModelConfig = Config['models'][string];
export type DataConfig = NonNullable<ModelConfig['data']>;
export type TrainingConfig = NonNullable<ModelConfig['training']>;
export type ModelFileConfig = ModelConfig['model'];
export type EvaluationConfig = ModelConfig['evaluation'];
export type GateConfig = EvaluationConfig['gates'][number];
export type CardConfig = ModelConfig['card'];
export type StageConfig = ModelConfig['stages'][string];
export type DriftConfig = NonNullable<ModelConfig['drift']>;
/** What is watched of a model that says nothing under `drift:`. */
export const defaultDrift = (): DriftConfig => drift.parse({});
export type RetrainConfig = NonNullable<ModelConfig['retrain']>;
export type Watched = (typeof watched)[number];
