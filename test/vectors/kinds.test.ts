import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readVectors, vectorFiles, vectorFolder } from './read-vectors.ts';

/** Kinds that a test of this folder compares, quantity by quantity. */
const covered: Readonly<Record<string, readonly string[]>> = {
  'profile-merge.json': ['numeric', 'categorical'],
  'classification.json': ['binary', 'multiclass'],
  'regression.json': ['regression'],
  'intervals.json': [
    'proportion',
    'binomial_test',
    'two_proportions',
    'delong',
    'mcnemar',
    'paired',
    'mann_whitney',
    'multiplicity',
    'bca_formula',
    'bootstrap',
  ],
  'decisions.json': [
    'tango',
    'newcombe5',
    'logit_delong',
    'delong_difference',
    'wilson_one_sided',
    'paired_t',
    'gate',
    'verdict',
    'auto_margin',
    'rows_needed',
    'log_bucket',
    'log_bucket_order',
    'drift_default',
    'agree',
    'phi',
    'canary',
    'hardmax',
    'phi_from_history',
  ],
  'sequential.json': ['lan_demets', 'msprt', 'canary_bound'],
  'ab.json': ['two_proportion', 'sample_size', 't_power', 'mde', 'thompson', 'msprt', 'sample_ratio_mismatch'],
  'drift-univariate.json': ['numeric', 'categorical'],
  'evidently-compat.json': ['frame'],
  'nannyml.json': ['data', 'univariate', 'multivariate', 'cbpe'],
};

/** Kinds that come with later parts of the suite. A kind in neither table fails. */
const pending: Readonly<Record<string, readonly string[]>> = {
  'classification.json': ['fairness'],
  'split-and-leakage.json': ['leakage'],
};

const kindsOf = (file: string) => {
  const counts = new Map<string, number>();
  for (const { kind } of readVectors(file)) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  return counts;
};

describe('no vector is passed over', () => {
  for (const file of vectorFiles()) {
    it(`${file}: every kind is compared or pending by name`, () => {
      const unknown = [...kindsOf(file).keys()].filter((kind) => !covered[file]?.includes(kind) && !pending[file]?.includes(kind));
      expect(unknown, `kinds of ${file} that no table names`).toEqual([]);
    });
    for (const kind of pending[file] ?? []) {
      const count = kindsOf(file).get(kind) ?? 0;
      if (count > 0)
        it(`pending, a later part brings it: ${file} ${kind} (${count} cases)`, () => expect(covered[file] ?? []).not.toContain(kind));
    }
  }
  for (const file of Object.keys(covered)) {
    const there = existsSync(join(vectorFolder, file));
    if (there) it(`${file} has cases to compare`, () => expect(readVectors(file).length).toBeGreaterThan(0));
  }
});
