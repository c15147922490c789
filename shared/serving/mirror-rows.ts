import { countError, observe } from './arm-counts.ts';
import { askModel } from './ask-model.ts';
import { askedFeatures, readAsked } from './read-asked.ts';
import { countAnswer, logAnswer, since } from './record-answer.ts';
import type { RowAnswer } from './row-answer.ts';
import type { ServingEngine } from './serving-engine.ts';
import { countShadow } from './shadow-counts.ts';
import { tellFailure } from './tell-failure.ts';

/** Rows that were answered, with the answers that were given. */
export interface AnsweredRows {
  readonly rows: readonly unknown[];
  readonly answers: readonly RowAnswer[];
}

/**
 * Asks every shadow what was just answered: after the answer is out of the house, so that no caller waits for it, and with no effect on it
 * whatever the shadow does. Its rows are logged with the ids of the answers and `variant: shadow`, and held against the answers.
 */
export function mirrorRows(engine: ServingEngine, answered: AnsweredRows): void {
  for (const version of engine.shadows) {
    const pending = engine.fleet.get(version)?.batcher.pending ?? 0;
    // One that is behind is left alone: its queue must not grow with the traffic.
    if (pending > mostPending) engine.totals.shadowDropped++;
    else setImmediate(() => void ask(engine, version, answered));
  }
}
const mostPending = 1_000;

async function ask(engine: ServingEngine, version: string, { rows: given, answers }: AnsweredRows): Promise<void> {
  const { settings, fleet } = engine;
  // It may be gone by now.
  const member = fleet.get(version);
  if (!member) return;
  const answerer = { member, variant: 'shadow' };
  const arm = member.arm('shadow');
  const begun = settings.clock();
  try {
    const rows = given.map((row) => readAsked(row, member.model, new Set(Object.keys(row as object)), ''));
    arm.requests++;
    arm.rows += rows.length;
    const asked = await askModel(member, () => member.batcher.score(rows, settings.clock() + settings.timeoutMs), settings.timeoutMs);
    const latency = since(settings.clock(), begun);
    observe(arm.latency, latency / 1000);
    if (!asked.ok) {
      tellFailure(engine, version, asked.reason, asked.error);
      return countError(arm, asked.reason);
    }
    for (const [place, score] of asked.result.entries()) {
      const decided = member.decide(score);
      const answer: RowAnswer = { ...decided, model_version: version, latency_ms: latency, id: answers[place]!.id };
      countAnswer(answerer, score, answer);
      if (!answers[place]!.degraded) countShadow(member.shadow(), member.model.task, answers[place]!, decided);
      logAnswer(engine, answerer, () => askedFeatures(given[place], member.model), score, answer);
    }
  } catch {
    countError(arm, 'refused');
  }
}
