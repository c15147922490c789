import type { Config } from '../../shared/config/schema.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import { readEngine } from '../../shared/rollout/engine/read-engine.ts';
import { rolloutPlan } from '../../shared/rollout/engine/rollout-plan.ts';
import { describeForecast } from '../../shared/rollout/judging/describe-forecast.ts';
import { ruleSettings } from '../../shared/rollout/judging/rule-settings.ts';
import { type ExpectedTraffic, forecastPlan } from '../../shared/rollout/judging/smallest-ratio.ts';
import { code, joinMarkdown, type Markdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';

interface Expected extends ExpectedTraffic {
  readonly phi: number;
  readonly known: 'as weighin.yaml expects it' | 'as in the last rollout';
}

/**
 * What this traffic can show, before anyone approves: the requests of each step and the smallest worsening that is caught. null where the
 * stage has no rollout that is judged.
 */
export function forecastWords(config: Config, model: string, stage: string, live: LiveDocument | null): Markdown | null {
  const name = config.models[model]?.stages[stage]?.rollout;
  const definition = name === undefined ? undefined : config.rollouts?.[name];
  if (name === undefined || !definition?.target || !definition.guard || definition.strategy !== 'canary') return null;
  const { policy } = rolloutPlan(name, definition);
  const lines = policy.metrics
    .filter(({ decide }) => decide === 'bound')
    .flatMap((metric) => {
      const expected = expectedTraffic(definition.expect, live, metric.name);
      if (!expected) return [];
      const settings = ruleSettings(policy, metric, { history: [], requestsPerHour: expected.requestsPerHour, phi: expected.phi });
      const sentences = describeForecast(forecastPlan(policy, settings, expected));
      return [md`- ${code(clipText(metric.name, 60))}, ${expected.known}: ${proseMarkdown(sentences.join(' '))}`];
    });
  return lines.length > 0
    ? joinMarkdown([md`**What this traffic can show:**`, ...lines], '\n')
    : md`**What this traffic can show** is not known before a first rollout was watched; with ${code('expect: {requestsPerHour: 6000, badRate: 0.005}')} in ${code(name)} it is forecast here.`;
}

function expectedTraffic(
  expect: { readonly requestsPerHour: number; readonly badRate: number } | undefined,
  live: LiveDocument | null,
  metric: string,
): Expected | null {
  if (expect) return { requestsPerHour: expect.requestsPerHour, rate: expect.badRate, phi: 1, known: 'as weighin.yaml expects it' };
  const before = live && readEngine(live)?.metrics[metric];
  const stable = before?.look?.stable;
  return before?.requestsPerHour && stable && stable.total > 0
    ? {
        requestsPerHour: before.requestsPerHour,
        // One more bad answer than was seen: none seen is not none ever.
        rate: (stable.bad + 1) / (stable.total + 2),
        phi: before.phi,
        known: 'as in the last rollout',
      }
    : null;
}
