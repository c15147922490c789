import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UserError } from '../errors.ts';
import { commandEnvironment } from '../training/command-environment.ts';
import { createLogTail, showTail } from '../training/log-tail.ts';
import type { RunProcess } from '../training/run-process.ts';
import type { FeatureColumn } from './plan-inputs.ts';
import { readScoreColumn } from './read-score-column.ts';
import type { Predictions, Scorer } from './scorer.ts';
import { writeRowsCsv } from './write-rows-csv.ts';

export interface CommandScorerRequest {
  /** `model.predict`: a line for the shell. */
  readonly predict: string;
  /** Absolute path of the model file. */
  readonly file: string;
  /** Absolute: the config's folder. */
  readonly cwd: string;
  readonly task: 'binary' | 'multiclass' | 'regression' | 'ranking';
  /** Columns that the rows hold: the features of the dataset, never its label. */
  readonly features: readonly FeatureColumn[];
  /** `model.score`: the column of the answer. */
  readonly score?: string | undefined;
  readonly timeoutMs?: number;
}

export interface CommandScorerDeps {
  readonly runProcess: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Every line that the command prints, as it comes. */
  readonly note?: (line: string) => void;
}

/**
 * A scorer that runs the team's command once for all rows (`format: command`). The command finds the rows in the CSV `WEIGHIN_ROWS`
 * (a header; features only, in the dataset's order; missing values empty, booleans true and false, times as ISO 8601), its model in
 * `WEIGHIN_MODEL`, and writes the CSV `WEIGHIN_PREDICTIONS`: a header with `score` (or `prediction`), one line a row, in the same order.
 * Throws `PREDICT_FAILED`, `PREDICT_TIMEOUT`, `PREDICTIONS_MISSING`, `PREDICTIONS_NO_SCORE`, `PREDICTIONS_NOT_FINITE`,
 * `PREDICTIONS_ROW_COUNT`, `PREDICTIONS_OUT_OF_RANGE`.
 */
export function openCommandScorer(request: CommandScorerRequest, deps: CommandScorerDeps): Scorer {
  const { predict, file, cwd, task, features, score, timeoutMs = 3_600_000 } = request;
  if (task === 'multiclass' || task === 'ranking') {
    throw new UserError(
      'TASK_NOT_YET_SUPPORTED',
      `model.format: command gives one score a row, which task: ${task} can't be judged by.`,
      'Export the model to ONNX.',
    );
  }
  return {
    inputs: features.map(({ name, type }) => ({ name, type: type === 'number' || type === 'integer' ? type : 'text' })),
    wholeFile: true,

    async score(rows) {
      const folder = await realpath(await mkdtemp(join(tmpdir(), 'weighin-predict-')));
      try {
        const rowsPath = join(folder, 'rows.csv');
        const predictionsPath = join(folder, 'predictions.csv');
        await writeRowsCsv(
          rowsPath,
          rows,
          features.map(({ name }) => name),
        );
        const tail = await run({ WEIGHIN_ROWS: rowsPath, WEIGHIN_PREDICTIONS: predictionsPath, WEIGHIN_MODEL: file });
        try {
          return judge(await readScoreColumn(predictionsPath, score), rows.rowCount);
        } catch (cause) {
          // The command ended well and yet left something unusable: what it printed is the best clue.
          if (cause instanceof UserError) throw new UserError(cause.code, `${cause.message}${showTail(tail)}`, cause.hint);
          throw cause;
        }
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
    },

    async close() {},
  };

  async function run(told: Readonly<Record<string, string>>): Promise<readonly string[]> {
    const tail = createLogTail();
    const outcome = await deps.runProcess({
      command: predict,
      cwd,
      env: commandEnvironment(deps.env, told),
      timeoutMs,
      onLine: (line) => {
        tail.add(line);
        deps.note?.(line);
      },
    });
    if (outcome.timedOut) {
      throw new UserError(
        'PREDICT_TIMEOUT',
        `model.predict (${predict}) did not end within ${timeoutMs / 1000} s and was ended.${showTail(tail.lines())}`,
        'Make it faster.',
      );
    }
    if (outcome.exitCode !== 0) {
      const end = outcome.exitCode === null ? `was ended by ${outcome.signal}` : `ended with exit code ${outcome.exitCode}`;
      throw new UserError(
        'PREDICT_FAILED',
        `model.predict (${predict}) ${end}.${showTail(tail.lines())}`,
        'It must read $WEIGHIN_ROWS and $WEIGHIN_MODEL, and write $WEIGHIN_PREDICTIONS.',
      );
    }
    return tail.lines();
  }

  function judge(scores: Float64Array, rows: number): Predictions {
    if (scores.length !== rows) {
      throw new UserError(
        'PREDICTIONS_ROW_COUNT',
        `The predictions have ${scores.length} rows, and ${rows} were asked for.`,
        'Write one line a row of $WEIGHIN_ROWS, in the same order.',
      );
    }
    if (task === 'regression') return { kind: 'values', values: scores, width: 1 };
    refuseOutOfRange(scores);
    return { kind: 'binary', scores, dtype: 'float64' };
  }
}

/** Throws `PREDICTIONS_OUT_OF_RANGE` unless all scores lie in 0 … 1. */
export function refuseOutOfRange(scores: Float64Array): void {
  const first = scores.findIndex((score) => !(score >= 0 && score <= 1));
  if (first === -1) return;
  throw new UserError(
    'PREDICTIONS_OUT_OF_RANGE',
    `The score of row ${first + 1} is not in 0 … 1, where a probability of the positive class must lie.`,
    'Write probabilities (predict_proba), not classes of other names, decision values or log-odds.',
  );
}
