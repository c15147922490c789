import { expect, it } from 'vitest';
import { f1Of, precisionOf, recallOf } from '../../shared/evaluation/confusion.ts';
import { confusionOf, metricValue, predictedClasses } from '../../shared/evaluation/metric-value.ts';
import { findMetric } from '../../shared/evaluation/metrics.ts';
import { oneVersusRestAucs } from '../../shared/evaluation/multiclass-metrics.ts';
import { type Sample, sampleOf } from '../../shared/evaluation/sample.ts';
import { compareExpected, listAbsent, readVectors, type VectorCase } from './read-vectors.ts';
import { binaryRows, multiclassRows } from './rows-of-vector.ts';

const names: Readonly<Record<string, string>> = { ece_positive: 'ece' };

function metricOf(sample: Sample, key: string, threshold: number): number | null {
  const metric = findMetric(sample.task, names[key] ?? key);
  if (!metric) throw new Error(`the vectors expect ${key}, which is no metric`);
  return metricValue(sample, sample.candidate, metric, threshold).value;
}

/** What the labels say stands in the order of the file; the sample has one of its own. */
function predictionsInFileOrder(sample: Sample, threshold: number): number[] {
  const predicted = predictedClasses(sample, sample.candidate, threshold);
  const inOrder = new Array<number>(sample.n);
  sample.source.forEach((row, position) => {
    inOrder[row] = predicted[position]!;
  });
  return inOrder;
}

function matrixOf(sample: Sample, threshold: number): number[][] {
  const { classes, counts } = confusionOf(sample, sample.candidate, threshold);
  return Array.from({ length: classes }, (_, k) => Array.from(counts).slice(k * classes, (k + 1) * classes));
}

function binary(vector: VectorCase): Record<string, unknown> {
  const sample = sampleOf(binaryRows(vector));
  const threshold = typeof vector.input['threshold'] === 'number' ? vector.input['threshold'] : 0.5;
  if (vector.input['y_pred']) expect(predictionsInFileOrder(sample, threshold)).toEqual(vector.input['y_pred']);
  return Object.fromEntries(
    Object.keys(vector.expected).map((key) => [
      key,
      key === 'confusion_matrix' ? matrixOf(sample, threshold) : metricOf(sample, key, threshold),
    ]),
  );
}

function multiclass(vector: VectorCase): Record<string, unknown> {
  const sample = sampleOf(multiclassRows(vector));
  const labels = vector.input['labels'] as unknown[];
  if (vector.input['y_pred']) expect(predictionsInFileOrder(sample, 0.5).map((k) => labels[k])).toEqual(vector.input['y_pred']);
  const confusion = confusionOf(sample, sample.candidate, 0.5);
  return Object.fromEntries(
    Object.keys(vector.expected).map((key) => {
      if (key === 'confusion_matrix') return [key, matrixOf(sample, 0.5)];
      if (key === 'roc_auc_per_class') return [key, oneVersusRestAucs(sample, sample.candidate)];
      if (key === 'per_class')
        return [
          key,
          labels.map((label, k) => ({
            label,
            precision: precisionOf(confusion, k).value,
            recall: recallOf(confusion, k).value,
            f1: f1Of(confusion, k).value,
            support: sample.labels.filter((own) => own === k).length,
          })),
        ];
      return [key, metricOf(sample, key, 0.5)];
    }),
  );
}

for (const vector of readVectors('classification.json')) {
  if (vector.kind === 'binary') it(`binary: ${vector.name}`, () => compareExpected(binary(vector), vector.expected, vector.tolerance));
  if (vector.kind === 'multiclass')
    it(`multiclass: ${vector.name}`, () => compareExpected(multiclass(vector), vector.expected, vector.tolerance));
}

listAbsent('classification.json');
