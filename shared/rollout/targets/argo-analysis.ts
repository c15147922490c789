import { stringify } from 'yaml';
import type { RolloutConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import { rolloutPlan } from '../engine/rollout-plan.ts';
import { type DesiredTraffic, nameOfVersion } from '../engine/traffic.ts';
import { type MeasuredMetric, measuredMetrics } from '../sources/measured-metrics.ts';
import { queriedMetric } from '../sources/prometheus-queries.ts';
import type { Plain } from './manifest-file.ts';

/** What a query looks back at, and how often Argo asks. */
const window = '5m';
const intervalSeconds = 60;

export const templateName = (rollout: Plain | undefined): string => `${typeof rollout === 'string' ? rollout : 'rollout'}-weighin`;

/** Of `strategy.canary` where Argo judges: the plan's steps with their holds, and the analysis that runs beside all of them. */
export function argoPlan(definition: RolloutConfig, rollout: string, template: string) {
  const { steps } = rolloutPlan(rollout, definition);
  return {
    steps: steps.flatMap(({ weight, hold }): readonly Plain[] => [
      { setWeight: weight },
      { pause: { duration: `${Math.round(hold / 1000)}s` } },
    ]),
    analysis: ({ candidate, stable }: Pick<DesiredTraffic, 'candidate' | 'stable'>): Plain => ({
      templates: [{ templateName: template }],
      args: [
        { name: 'version', value: nameOfVersion(candidate ?? stable) },
        { name: 'number', value: String((candidate ?? stable).number) },
      ],
    }),
  };
}

/**
 * An AnalysisTemplate of a rollout's metrics, for Argo to judge by: each limit as the plain rule (share of bad answers in the last five
 * minutes, above `max` fails). Argo has neither the test under repeated looks nor the one against stable; what can't be said to it is
 * left to whoever reads the file, in its comment. No request or no answer is inconclusive, which pauses after `noData.grace`.
 * @throws UserError ANALYSIS_NOT_POSSIBLE, METRIC_INVALID, QUERY_INVALID
 */
export function argoAnalysis(
  definition: RolloutConfig,
  {
    rollout,
    model,
    name,
    namespace,
  }: { readonly rollout: string; readonly model: string; readonly name: string; readonly namespace: string | null },
): string {
  const impossible = (message: string, hint: string) => new UserError('ANALYSIS_NOT_POSSIBLE', `rollouts.${rollout}: ${message}`, hint);
  const { source, metrics = [] } = definition;
  if (!source || !('prometheus' in source))
    throw impossible(
      'with guard driver target Argo asks Prometheus itself, and `source` names none.',
      'Write `source: {prometheus: http://…}`, or use driver server.',
    );
  const { policy } = rolloutPlan(rollout, definition);
  const limits = new Map(policy.metrics.map((metric) => [metric.name, metric]));
  const measured = measuredMetrics(definition, `rollouts.${rollout}`);
  const left: string[] = [];
  const rendered: Plain[] = [];
  for (const metric of metrics) {
    const limit = limits.get(metric.name)?.limit ?? null;
    if (metric.of !== undefined || limit === null) {
      left.push(metric.name);
      continue;
    }
    const counts = countsOf(measured, metric.name, model);
    const query = filled(`(${counts.bad}) / ((${counts.total}) > 0)`);
    rendered.push({
      name: metric.name,
      interval: `${intervalSeconds}s`,
      initialDelay: window,
      // Argo's NaN is silently false and an empty answer an error: both are asked about by name.
      successCondition: `len(result) > 0 && !isNaN(result[0]) && result[0] <= ${limit}`,
      failureCondition: `len(result) > 0 && !isNaN(result[0]) && result[0] > ${limit}`,
      failureLimit: 0,
      inconclusiveLimit: Math.max(1, Math.round(policy.noDataGrace / 1000 / intervalSeconds)),
      provider: { prometheus: { address: source.prometheus, query } },
    });
  }
  if (rendered.length === 0)
    throw impossible('no metric has a limit that Argo could judge.', 'Write `max:` on one of them, or use driver server.');
  const template = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AnalysisTemplate',
    metadata: { name, ...(namespace === null ? {} : { namespace }) },
    spec: { args: [{ name: 'version' }, { name: 'number' }], metrics: rendered },
  };
  const note = left.length > 0 ? `# Not judged here, since Argo compares no counts of two versions: ${left.join(', ')}.\n` : '';
  return note + stringify(template, { lineWidth: 0, indentSeq: false });
}

/** As the guard would ask Prometheus. @throws UserError METRIC_INVALID, QUERY_INVALID */
function countsOf(measured: readonly MeasuredMetric[], name: string, model: string): { readonly bad: string; readonly total: string } {
  const found = measured.find((metric) => metric.name === name);
  const query = found && queriedMetric(found, model);
  if (query?.is === 'counts') return query;
  if (query?.is === 'slow') return { bad: `${query.total} - ${query.fast}`, total: query.total };
  throw new Error(`${name} is judged by counts and has none`);
}

const filled = (expression: string) =>
  expression.replaceAll('$version', '{{args.version}}').replaceAll('$number', '{{args.number}}').replaceAll('$window', window);
