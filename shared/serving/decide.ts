import { decisionRule } from '../production/compare-replay.ts';
import type { RowScore } from './batch-rows.ts';
import type { ServedTask } from './served-model.ts';

/** What is answered for a row. */
export interface Decision {
  /** Of the positive class, of the most probable class, or the number itself. */
  readonly score: number;
  readonly prediction: string | number;
  /** The first decision of the configuration whose `above` the score exceeds; absent without decisions. */
  readonly decision?: string;
}

export interface DecisionSettings {
  readonly task: ServedTask;
  /** Of two classes: positive from here on. */
  readonly threshold: number;
  readonly decisions?: readonly { readonly above?: number | undefined; readonly label: string }[] | undefined;
}

/** Turns scores into answers: 1 or 0 of two classes, the most probable of several, the number of a regression. */
export function createDecide({ task, threshold, decisions }: DecisionSettings): (row: RowScore) => Decision {
  const rule = task !== 'multiclass' && decisions && decisions.length > 0 ? decisionRule(task, threshold, decisions) : null;
  return ({ score, probabilities, classes }) => {
    if (probabilities && classes) {
      let best = 0;
      for (let at = 1; at < probabilities.length; at++) if (probabilities[at]! > probabilities[best]!) best = at;
      return { score: probabilities[best]!, prediction: classes[best]! };
    }
    const number = score ?? Number.NaN;
    const prediction = task === 'binary' ? (number >= threshold ? 1 : 0) : number;
    return rule ? { score: number, prediction, decision: rule.names[rule.of(number)]! } : { score: number, prediction };
  };
}
