import type { DataConfig, ModelConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { identifier } from '../query/sql-text.ts';
import { type ColumnPlan, timeNeeded } from './plan-columns.ts';
import { checkShares } from './split-quotas.ts';
import { requireInstant, timeKey } from './time-key.ts';

/** What can be refused before any data is read. @throws UserError `SPLIT_NOT_YET_SUPPORTED`, `SPLIT_SHARES`, `TIME_NEEDED`, `EMBARGO_NEEDS_TIME_SPLIT`. */
export function checkRequest(config: DataConfig, task: ModelConfig['task'], asOf: Date | null): void {
  const { split } = config;
  if (split.by === 'kfold' || split.by === 'group' || split.by === 'column') {
    throw new UserError(
      'SPLIT_NOT_YET_SUPPORTED',
      `data.split.by: ${split.by} is not supported yet.`,
      'Use stratified, random or time for now.',
    );
  }
  if (task === 'ranking')
    throw new UserError('TASK_NOT_YET_SUPPORTED', 'task: ranking is not supported yet.', 'Use binary, multiclass or regression.');
  checkShares(split);
  if (split.embargo !== undefined && split.by !== 'time') {
    throw new UserError(
      'EMBARGO_NEEDS_TIME_SPLIT',
      `data.split.embargo has no meaning with by: ${split.by}.`,
      'Use by: time, or leave the embargo out.',
    );
  }
  if (config.time !== undefined) return;
  if (asOf) throw timeNeeded('--as-of leaves out later rows');
  if (split.by === 'time') throw timeNeeded('data.split.by: time orders rows by time');
}

/** Dates and durations need real times. @throws UserError `TIME_WITHOUT_UNIT`, `TIME_TYPE`. */
export function checkTimes({ time, labelTime }: ColumnPlan, config: DataConfig, asOf: Date | null): void {
  const check = (column: typeof time, named: string, option: string) => {
    if (column) requireInstant(timeKey(identifier(column.name), column, named), column, option);
  };
  if (asOf) check(time, 'data.time', '--as-of');
  if (asOf) check(labelTime, 'data.labelTime', '--as-of');
  if (config.split.embargo !== undefined) check(time, 'data.time', 'data.split.embargo');
}
