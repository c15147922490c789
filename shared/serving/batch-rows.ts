import type { Predictions } from '../scoring/scorer.ts';
import type { ServedRow } from './read-row.ts';
import type { ServedModel } from './served-model.ts';

/** One row's answer as the model gave it: the positive class's score, the probabilities by class, or the values. */
export interface RowScore {
  readonly score: number | null;
  /** Of several classes: their probabilities in the model's order. */
  readonly probabilities: readonly number[] | null;
  readonly classes: readonly string[] | null;
}

export interface RowBatcher {
  /**
   * Rows of one request, answered in order. Rejects with what the model threw. What is not asked before `until` (by `now`) is not asked at
   * all: under more load than it can bear, a server must not work for callers that have left.
   */
  score(rows: readonly ServedRow[], until: number): Promise<readonly RowScore[]>;
  /** Rows that wait or are being answered. */
  readonly pending: number;
}

/** What is thrown for rows that nobody waits for any more. */
export const late = Symbol('late');

interface Job {
  readonly rows: readonly ServedRow[];
  readonly until: number;
  readonly resolve: (scores: readonly RowScore[]) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Rows that arrive while the model is busy are answered together in one call: at low load nobody waits for anybody, at high load the
 * cost of a call is shared. `calls` at most are under way at once; what arrived in the same turn of the event loop is one call.
 */
export function createRowBatcher(
  model: Pick<ServedModel, 'predict' | 'maxRows'>,
  { calls, maxRows, now }: { readonly calls: number; readonly maxRows: number; readonly now: () => number },
): RowBatcher {
  const most = Math.min(maxRows, model.maxRows);
  let queue: Job[] = [];
  let busy = 0;
  let pending = 0;
  let scheduled = false;

  function schedule(): void {
    if (scheduled || busy >= calls || queue.length === 0) return;
    scheduled = true;
    // After the sockets of this turn have been read.
    setImmediate(() => {
      scheduled = false;
      dropLate();
      while (busy < calls && queue.length > 0) send(takeBatch());
    });
  }

  function dropLate(): void {
    // In the order of their coming, and all have the same time: the first that is not late ends it.
    const time = now();
    let gone = 0;
    while (gone < queue.length && queue[gone]!.until < time) gone++;
    if (gone === 0) return;
    for (const job of queue.slice(0, gone)) fail(job, late);
    queue = queue.slice(gone);
  }

  function takeBatch(): Job[] {
    let rows = 0;
    let count = 0;
    while (count < queue.length && (count === 0 || rows + queue[count]!.rows.length <= most)) rows += queue[count++]!.rows.length;
    const batch = count === queue.length ? queue : queue.slice(0, count);
    queue = count === queue.length ? [] : queue.slice(count);
    return batch;
  }

  async function send(batch: readonly Job[]): Promise<void> {
    busy++;
    try {
      await answer(batch);
    } finally {
      busy--;
      schedule();
    }
  }

  async function answer(batch: readonly Job[]): Promise<void> {
    const [first] = batch;
    if (batch.length === 1 && first) {
      try {
        settle(first, await scoreAll(first.rows));
      } catch (error) {
        fail(first, error);
      }
      return;
    }
    try {
      const scores = toScores(await model.predict(batch.flatMap(({ rows }) => rows)));
      let at = 0;
      for (const job of batch) {
        settle(job, scores.slice(at, at + job.rows.length));
        at += job.rows.length;
      }
    } catch {
      // One request's row must not fail the others: each is asked alone.
      for (const job of batch) {
        if (job.until < now()) fail(job, late);
        else await answer([job]);
      }
    }
  }

  async function scoreAll(rows: readonly ServedRow[]): Promise<readonly RowScore[]> {
    if (rows.length <= most) return toScores(await model.predict(rows));
    const scores: RowScore[] = [];
    for (let at = 0; at < rows.length; at += most) scores.push(...toScores(await model.predict(rows.slice(at, at + most))));
    return scores;
  }

  function settle(job: Job, scores: readonly RowScore[]): void {
    pending -= job.rows.length;
    job.resolve(scores);
  }

  function fail(job: Job, error: unknown): void {
    pending -= job.rows.length;
    job.reject(error);
  }

  return {
    score(rows, until) {
      pending += rows.length;
      return new Promise((resolve, reject) => {
        queue.push({ rows, until, resolve, reject });
        schedule();
      });
    },
    get pending() {
      return pending;
    },
  };
}

/** One a row, in their order. */
export function toScores(predictions: Predictions): RowScore[] {
  if (predictions.kind === 'binary') {
    const scores = new Array<RowScore>(predictions.scores.length);
    for (let row = 0; row < scores.length; row++) scores[row] = { score: predictions.scores[row]!, probabilities: null, classes: null };
    return scores;
  }
  if (predictions.kind === 'values') {
    const { values, width } = predictions;
    return Array.from({ length: values.length / width }, (_, row) => ({ score: values[row * width]!, probabilities: null, classes: null }));
  }
  const { classes, probabilities } = predictions;
  const width = classes.length;
  return Array.from({ length: probabilities.length / width }, (_, row) => ({
    score: null,
    probabilities: [...probabilities.subarray(row * width, (row + 1) * width)],
    classes,
  }));
}
