import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import { describe, expect, it } from 'vitest';
import { driftReportSchema } from '../../../shared/drift/drift-report.ts';
import { monitoringReportSchema } from '../../../shared/monitoring/monitoring-report.ts';
import { predictionSchema } from '../../../shared/production/prediction-log.ts';
import { profileSchema } from '../../../shared/profile/profile.ts';
import { publishedSchemas, schemaText } from '../../../shared/report/json-schema.ts';
import { employment, evidently, flights, hostile, inconclusive, monitoringReport, steady } from '../../support/drift-reports.ts';
import { sampleProfile } from '../../support/profiles.ts';

const folder = join(import.meta.dirname, '../../../schema');
const files = Object.keys(publishedSchemas) as (keyof typeof publishedSchemas)[];
const zods = {
  'profile.schema.json': profileSchema,
  'drift.schema.json': driftReportSchema,
  'monitoring.schema.json': monitoringReportSchema,
  'prediction.schema.json': predictionSchema,
};

/** As others read it: the published file, by another validator than ours. */
async function validator(file: (typeof files)[number]): Promise<ValidateFunction> {
  const ajv = new Ajv2020({ allErrors: true, strict: true, allowUnionTypes: true, strictTuples: false });
  // The patterns beside it already say it.
  ajv.addFormat('date-time', true);
  return ajv.compile(JSON.parse(await readFile(join(folder, file), 'utf8')));
}

it.each(files)('%s is published as the code reads it (write it anew with --update)', async (file) => {
  await expect(schemaText(publishedSchemas[file]())).toMatchFileSnapshot(join(folder, file));
});

const answer = {
  id: 'a-1',
  time: '2026-11-01T10:00:00Z',
  model: 'churn',
  version: 'v12',
  features: { age: 41, plan: 'basic', new: true, region: null },
  score: 0.3,
  prediction: 1,
  latency_ms: 4.1,
};

describe.each([
  [
    'drift.schema.json',
    {
      flights: flights(),
      employment: employment(),
      steady: steady(),
      inconclusive: inconclusive(),
      evidently: evidently(),
      hostile: hostile(),
    },
  ],
  [
    'monitoring.schema.json',
    { whole: monitoringReport(flights()), empty: monitoringReport(null, { performance: null, episodes: [], retrain: null, window: null }) },
  ],
  [
    'prediction.schema.json',
    { shortest: answer, whole: { ...answer, variant: 'canary', degraded: true, label: 0 }, labelOnly: { ...answer, score: null } },
  ],
  ['profile.schema.json', { exact: sampleProfile() }],
] as const)('%s', (file, documents) => {
  it.each(Object.entries(documents))('takes what the code takes: %s', async (_, value) => {
    const text = JSON.parse(JSON.stringify(value));
    expect(zods[file].safeParse(text).error).toBeUndefined();
    const validate = await validator(file);
    validate(text);
    expect(validate.errors ?? []).toEqual([]);
  });

  it('refuses an unknown key, a missing one and a wrong type', async () => {
    const validate = await validator(file);
    const [first] = Object.values(documents) as [Record<string, unknown>];
    const key = file === 'prediction.schema.json' ? 'id' : 'schema';
    for (const wrong of [{ ...first, other: 1 }, { ...first, [key]: undefined }, { ...first, [key]: 7 }, []]) {
      const text = JSON.parse(JSON.stringify(wrong));
      expect(validate(text)).toBe(false);
      expect(zods[file].safeParse(text).success).toBe(false);
    }
  });
});
