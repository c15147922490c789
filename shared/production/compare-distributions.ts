import { compareProfiles } from '../drift/compare-profiles.ts';
import type { DriftReport } from '../drift/drift-report.ts';
import { defaultDriftSettings } from '../drift/drift-settings.ts';
import { type ProfileOptions, profileTable } from '../profile/profile-table.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { TableSource } from '../source/table-source.ts';
import type { Task } from './labelled-answers.ts';
import { answerTable, featureTable, type LogSlice, type PredictionLog } from './open-prediction-log.ts';

/** Training data against what serving was asked, as a whole: for data that no key joins. */
export async function compareServed(
  engine: QueryEngine,
  { training, log, columns, slice }: { training: TableSource; log: PredictionLog; columns: readonly string[]; slice?: LogSlice },
): Promise<DriftReport> {
  const reference = await profileTable(engine, training, { columns });
  const current = await profileTable(engine, featureTable(log, slice), { columns });
  return compareProfiles({ reference, current, referenceName: training.source, currentName: log.source, settings: defaultDriftSettings });
}

export interface AnswersOf {
  readonly log: PredictionLog;
  readonly slice?: LogSlice;
}

/**
 * Prediction and label drift: what the model answered, and what came true, against the same of another time or version. Columns `score`,
 * `prediction` and `label`, those that have values; a regression's score is its prediction and is compared once.
 */
export async function compareAnswers(
  engine: QueryEngine,
  { reference, current, task, milliseconds }: { reference: AnswersOf; current: AnswersOf; task: Task; milliseconds?: number },
): Promise<DriftReport> {
  const columns = task === 'regression' ? ['score', 'label'] : ['score', 'prediction', 'label'];
  const options: ProfileOptions = { columns, ...(milliseconds !== undefined && { window: { column: 'time', milliseconds } }) };
  const profileOf = ({ log, slice }: AnswersOf) =>
    profileTable(engine, answerTable(log, task, { withoutShadow: true, withoutDegraded: true, ...slice }), options);
  return compareProfiles({
    reference: await profileOf(reference),
    current: await profileOf(current),
    referenceName: reference.log.source,
    currentName: current.log.source,
    settings: defaultDriftSettings,
  });
}
