import { ConfigError } from '../config/config-error.ts';
import type { LoadedConfig } from '../config/load-config.ts';
import type { ConfigProblem } from '../config/parse-yaml.ts';
import type { GateConfig, ModelConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { unknownMetric } from '../evaluation/evaluate-metrics.ts';
import { findMetric, isMeasuredMetric } from '../evaluation/metrics.ts';
import { metricOf, ruleOf } from './plan-gates.ts';

/**
 * What the configuration's schema can't know of its gates: that their metrics exist for the task, and that their limits can be met and
 * missed. Said before anything is read or trained.
 *
 * @throws ConfigError with everything that is wrong, each at its place.
 */
export function checkPolicies(loaded: LoadedConfig): void {
  const problems: ConfigProblem[] = [];
  for (const [name, model] of Object.entries(loaded.config.models)) {
    const { task } = model;
    // Reported metrics have the names that the training script gives them; what waits for a later version is refused by its own words.
    if (task === 'ranking' || model.model.format === 'metrics' || loaded.blocked.some((block) => (block.model ?? name) === name)) continue;
    const check = (path: readonly (string | number)[], judge: () => void) => {
      try {
        judge();
      } catch (cause) {
        if (!(cause instanceof UserError)) throw cause;
        const at = ['models', name, 'evaluation', ...path];
        problems.push({ code: cause.code, path: at, message: `${cause.message} ${cause.hint}`, location: loaded.locate(at) });
      }
    };
    model.evaluation.gates.forEach((gate, index) => {
      check(['gates', index, 'metric'], () => checkGate(task, gate));
    });
    model.evaluation.metrics?.forEach((metric, index) => {
      check(['metrics', index], () => {
        if (!isMeasuredMetric(metric) && !findMetric(task, metric)) throw unknownMetric(task, metric);
      });
    });
  }
  if (problems.length > 0) throw new ConfigError(problems);
}

function checkGate(task: Exclude<ModelConfig['task'], 'ranking'>, gate: GateConfig): void {
  const metric = metricOf(task, gate);
  const { rule, limit } = ruleOf(gate, metric);
  if (metric.kind !== 'scored' || metric.definition.unit !== 'share' || limit === 'auto') return;
  const asShare = limit > 1 && limit <= 100 ? `${limit} % is written ${Number((limit / 100).toPrecision(6))}.` : 'Write a share.';
  const impossible = (what: string) =>
    new UserError('GATE_BAD_LIMIT', `${gate.metric} is at most 1, so ${rule}: ${limit} ${what}.`, asShare);
  if ((rule === 'min' && limit > 1) || (rule === 'above' && limit >= 1)) throw impossible('can never be met');
  if (rule === 'max' && limit > 1) throw impossible('can never be missed');
  if ((rule === 'maxRegression' || rule === 'minImprovement') && limit > 1)
    throw impossible(rule === 'minImprovement' ? 'can never be met' : 'can never be missed');
}
