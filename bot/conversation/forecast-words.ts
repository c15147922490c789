import type { RolloutConfig } from '../../shared/config/rollout-schema.ts';
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
  const forecasts = policy.metrics
    .filter(({ decide }) => decide === 'bound')
    .flatMap((metric) => {
      const expected = expectedTraffic(definition.expect, live, metric.name);
      if (!expected) return [];
      const settings = ruleSettings(policy, metric, { history: [], requestsPerHour: expected.requestsPerHour, phi: expected.phi });
      const says = `${expected.known}: ${rememberedForecast(policy, settings, expected)}`;
      return [{ name: metric.name, says }];
    });
  // Metrics that are expected alike are forecast alike.
  const alike = [...new Set(forecasts.map(({ says }) => says))].map((says) => ({
    says,
    names: forecasts.filter((one) => one.says === says).map(({ name: metric }) => code(clipText(metric, 60))),
  }));
  return alike.length > 0
    ? joinMarkdown(
        [
          md`**What this traffic can show:**`,
          ...alike.map(({ names, says }) => md`- ${joinMarkdown(names, ', ')}, ${proseMarkdown(says)}`),
        ],
        '\n',
      )
    : md`**What this traffic can show** is not known before a first rollout was watched; with \`expect: {requestsPerHour: 6000, badRate: 0.005}\` in ${code(name)} it is forecast here.`;
}

/** Each is a simulation of some hundred milliseconds, and a plan is written again and again. */
const remembered = new Map<string, string>();
const most = 100;
function rememberedForecast(...forecast: Parameters<typeof forecastPlan>): string {
  const key = JSON.stringify(forecast);
  const says = remembered.get(key) ?? describeForecast(forecastPlan(...forecast)).join(' ');
  if (remembered.size >= most) remembered.clear();
  remembered.set(key, says);
  return says;
}

function expectedTraffic(expect: RolloutConfig['expect'], live: LiveDocument | null, metric: string): Expected | null {
  const rate =
    typeof expect?.badRate === 'object' ? (Object.hasOwn(expect.badRate, metric) ? expect.badRate[metric] : undefined) : expect?.badRate;
  if (expect && rate !== undefined) return { requestsPerHour: expect.requestsPerHour, rate, phi: 1, known: 'as weighin.yaml expects it' };
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
