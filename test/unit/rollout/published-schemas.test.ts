import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { schemaText } from '../../../shared/report/json-schema.ts';
import { experimentSchema } from '../../../shared/rollout/ab/experiment.ts';
import { observationsSchema } from '../../../shared/rollout/judging/observations.ts';
import { rolloutSchemas } from '../../../shared/rollout/published-schemas.ts';
import { trafficDocument, trafficDocumentSchema } from '../../../shared/rollout/targets/traffic-document.ts';

const folder = join(import.meta.dirname, '../../../schema');
type File = keyof typeof rolloutSchemas;

async function validator(file: File) {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictTuples: false });
  ajv.addFormat('date-time', true);
  return ajv.compile(JSON.parse(await readFile(join(folder, file), 'utf8')));
}

it.each(Object.keys(rolloutSchemas) as File[])('%s is published as the code reads it (write it anew with --update)', async (file) => {
  await expect(schemaText(rolloutSchemas[file]())).toMatchFileSnapshot(join(folder, file));
});

const arm = { units: 5, metrics: { converted: 1 } };
const traffic = {
  model: 'churn',
  stage: 'production',
  rolloutId: 'churn.production.42',
  revision: 17,
  stable: { number: 11, digest: `sha256:${'07'.repeat(32)}` },
  candidate: null,
  percent: 0,
  mirror: false,
  leaseSeconds: null,
};
const documents = [
  [
    'observations.schema.json',
    observationsSchema,
    {
      rows: { metrics: { errors: { history: [[1, 90]], buckets: [[0, 1, 45, 3, 855]] } } },
      objects: {
        bucketSeconds: 60,
        metrics: {
          errors: {
            requestsPerHour: 600,
            buckets: [
              { step: 0, at: '2026-11-01T10:00:00Z', candidate: { bad: 1, total: 45 }, stable: [3, 855] },
              { step: 0, missing: true },
            ],
          },
        },
      },
    },
  ],
  [
    'experiment.schema.json',
    experimentSchema,
    {
      shortest: {
        name: 'x',
        arms: [
          { name: 'control', share: 0.5 },
          { name: 'treatment', share: 0.5 },
        ],
        minEffect: 0.01,
        metric: { name: 'converted' },
        looks: [{ day: 1, arms: { control: arm, treatment: arm } }],
      },
    },
  ],
  [
    'traffic.schema.json',
    trafficDocumentSchema,
    {
      alone: trafficDocument(traffic),
      canary: trafficDocument({ ...traffic, candidate: { ...traffic.stable, number: 12 }, percent: 5, leaseSeconds: 60 }),
    },
  ],
] as const;

describe.each(documents)('%s', (file, zod, good) => {
  it.each(Object.entries(good))('takes what the code takes: %s', async (_, value) => {
    const validate = await validator(file);
    validate(value);
    expect(validate.errors ?? []).toEqual([]);
    expect(zod.safeParse(value).error).toBeUndefined();
  });

  it('refuses an unknown key, and nothing', async () => {
    const validate = await validator(file);
    for (const wrong of [{ ...Object.values(good)[0], other: 1 }, {}, []]) {
      expect(validate(wrong)).toBe(false);
      expect(zod.safeParse(wrong).success).toBe(false);
    }
  });
});
