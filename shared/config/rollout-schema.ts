import { z } from 'zod';
import { duration, secret, text } from './schema-parts.ts';

/** `rollouts:` of weighin.yaml: how a stage gets from one version to the next. */

const url = z.string().regex(/^https?:\/\/[^\s]+$/, 'an address such as http://host:8080');
const names = '`{version}` is v12, `{number}` 12, `{digest}` the sha256 of its bytes, `{stage}` and `{model}` their names.';

const check = z.union([
  z.strictObject({
    http: url.meta({ description: `Answers 2xx when all is well. ${names}` }),
    timeout: duration.optional(),
  }),
  z.strictObject({ command: text.meta({ description: `Exits 0 when all is well. ${names}` }), timeout: duration.optional() }),
]);

/** A name that every object has by itself would be taken for something that was counted. */
const metricName = z
  .string()
  .min(1)
  .max(60)
  .refine((name) => !(name in {}), 'a name of your own, not one such as constructor or __proto__');

const metric = z.strictObject({
  name: metricName,
  bad: text
    .optional()
    .meta({ description: 'Of Prometheus: an expression; `$version` and `$window` are filled in. Of pages: `series{label="value"} + …`.' }),
  total: text.optional().meta({ description: 'As bad: everything that was answered.' }),
  histogram: text.optional().meta({ description: 'With le: a classic histogram, without `_bucket`.' }),
  le: z.number().optional().meta({ description: 'Seconds; slower than it is bad. An edge of the histogram.' }),
  max: z.number().optional().meta({ description: 'Highest share that is allowed, 0 … 1.' }),
  hardMax: z.number().optional().meta({ description: 'Rolls back in every state, within a minute.' }),
  decide: z.enum(['bound', 'point']).optional(),
  of: z.string().optional().meta({ description: 'Sets how the metric of that name is compared with stable.' }),
  test: z.enum(['sequential', 'distribution']).optional().meta({
    description: 'distribution: `histogram` is of predictions, and the arms must not differ by more than `max` of the rows.',
  }),
  minRatio: z.number().optional(),
});

const experiment = z.strictObject({
  share: z.number().gt(0).lt(1).default(0.5).meta({ description: 'Of units that get the treatment.' }),
  salt: text.optional(),
  alpha: z.number().gt(0).lt(0.5).optional(),
  baseline: z.number().gt(0).lt(1).optional().meta({ description: 'The conversion that is expected of control; plans the size.' }),
  effect: z.number().gt(0).optional().meta({ description: 'Smallest difference worth finding, absolute.' }),
  minLift: z.number().nonnegative().optional(),
  metric: z.strictObject({
    name: text,
    better: z.enum(['higher', 'lower']).default('higher'),
    converted: text.meta({ description: 'Units that converted, of one arm: an expression, as `bad` of a metric.' }),
    units: text.meta({ description: 'Units that were assigned to one arm.' }),
  }),
  guardrails: z
    .array(
      z.strictObject({
        name: text,
        better: z.enum(['higher', 'lower']).default('higher'),
        converted: text,
        margin: z.number().positive().meta({ description: 'It may be worse by so much, absolute.' }),
      }),
    )
    .default([]),
});

const target = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('serve'),
    urls: z.array(url).min(1).meta({ description: 'Of each `weighin serve`.' }),
    token: secret.default({ env: 'WEIGHIN_ADMIN_TOKEN' }),
  }),
  z.strictObject({
    kind: z.literal('haproxy'),
    socket: text.meta({ description: 'The runtime API: a path, or host:port.' }),
    backend: text,
    server: text.default('{version}').meta({ description: `Name of a version's server. ${names}` }),
  }),
  z.strictObject({
    kind: z.literal('http'),
    url: url.meta({ description: 'PUT with the wish as JSON; GET tells what is so. docs/rollouts.md shows both.' }),
    token: secret.optional(),
    mirrors: z
      .boolean()
      .optional()
      .meta({ description: 'It can copy traffic to a candidate that never answers; strategy shadow needs that.' }),
    leases: z
      .boolean()
      .optional()
      .meta({ description: 'It falls back to stable by itself when a wish is not renewed within leaseSeconds.' }),
  }),
  z.strictObject({
    kind: z.literal('dispatch'),
    event: text.default('weighin-traffic').meta({ description: 'Type of the repository_dispatch that a workflow listens to.' }),
  }),
  z.strictObject({
    kind: z.literal('kserve'),
    manifest: text.meta({ description: 'Path of the InferenceService in this repository.' }),
    uri: text.optional().meta({
      description: `storageUri of a version; by default the manifest's own, with the version in it exchanged (v11, or its digest). ${names}`,
    }),
    split: z.enum(['percent', 'canary']).default('percent').meta({ description: '`canaryTrafficPercent`, or `spec.canary[]` of 0.20.' }),
    apply: text.optional().meta({ description: 'Command that gets the manifest on its standard input; else it goes to weighin/live.' }),
  }),
  z.strictObject({
    kind: z.literal('argo-rollouts'),
    manifest: text,
    image: text.optional().meta({ description: `Image of a version. ${names}` }),
    env: text.optional().meta({ description: 'Variable of the container that names the model; with `uri`.' }),
    uri: text.optional(),
    apply: text.optional(),
  }),
  z.strictObject({
    kind: z.literal('gateway-api'),
    manifest: text.meta({ description: 'Path of the HTTPRoute.' }),
    service: text.default('{model}-{version}').meta({ description: `Service of a version. ${names}` }),
    apply: text.optional(),
  }),
  z.strictObject({
    kind: z.literal('template'),
    files: z.union([text, z.array(text).min(1)]).meta({ description: 'Handlebars files, by glob.' }),
    into: text.default('').meta({ description: 'Folder of weighin/live.' }),
    values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).default({}),
    apply: text.optional(),
  }),
]);

export const rolloutSchema = z.strictObject({
  strategy: z.enum(['canary', 'blue-green', 'shadow', 'ab', 'bandit']),
  guard: z
    .strictObject({
      driver: z.enum(['server', 'watcher', 'target']).meta({
        description: 'server: `weighin rollout watch` as a service. watcher: the same in a workflow. target: it judges for itself.',
      }),
      maxSilence: duration.default('60s').meta({ description: 'Longest time between two looks; a leased weight falls back after it.' }),
    })
    .optional(),
  steps: z.array(z.strictObject({ weight: z.number().gte(0).lte(100), hold: duration })).optional(),
  duration: duration.optional().meta({ description: 'Of blue-green, shadow and ab: how long it is watched.' }),
  source: z
    .union([
      z.strictObject({
        prometheus: url,
        token: secret.optional(),
        delay: duration.default('15s').meta({ description: 'How late samples come: the scrape interval.' }),
      }),
      z.strictObject({
        scrape: z.array(url).min(1).meta({ description: 'Pages of metrics, one of each pod.' }),
        token: secret.optional(),
      }),
    ])
    .optional()
    .meta({ description: 'Where counts come from; with target serve, the pages of its servers by default.' }),
  metrics: z.array(metric).optional(),
  alpha: z.number().gt(0).lt(1).optional(),
  minSamples: z.number().int().nonnegative().optional(),
  lowTraffic: z.enum(['proceed', 'pause']).optional(),
  noData: z.strictObject({ grace: duration, then: z.enum(['pause']) }).optional(),
  assure: z.boolean().optional(),
  expect: z
    .strictObject({
      requestsPerHour: z.number().positive().meta({ description: 'Of both arms together.' }),
      badRate: z
        .union([z.number().gt(0).lt(1), z.record(z.string(), z.number().gt(0).lt(1))])
        .meta({ description: "Stable's usual share of bad answers: of every metric, or by its name." }),
    })
    .optional()
    .meta({ description: 'What the plan is forecast with; by default what the last rollout saw.' }),
  verify: z
    .array(check)
    .optional()
    .meta({ description: 'Asked before traffic moves: of blue-green the preview, else before the first step.' }),
  experiment: experiment.optional().meta({ description: 'Of strategy ab.' }),
  then: z
    .enum(['ask', 'follow'])
    .optional()
    .meta({ description: 'After shadow or ab: wait for /canary promote or abort (ask, the default), or do what it recommends.' }),
  target: target.optional(),
});

export type RolloutConfig = z.infer<typeof rolloutSchema>;
export type TargetConfig = NonNullable<RolloutConfig['target']>;
export type TargetConfigOf<Kind extends TargetConfig['kind']> = Extract<TargetConfig, { readonly kind: Kind }>;
export type SourceConfig = NonNullable<RolloutConfig['source']>;
export type CheckConfig = NonNullable<RolloutConfig['verify']>[number];
export type ExperimentConfig = NonNullable<RolloutConfig['experiment']>;
