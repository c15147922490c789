import type { RolloutConfig, SourceConfig } from '../../config/rollout-schema.ts';
import { UserError } from '../../errors.ts';
import type { MetricSource } from '../../rollout/engine/metric-source.ts';

export interface MetricSourceOptions {
  readonly config: SourceConfig | undefined;
  readonly definition: RolloutConfig;
  /** Of `rollouts:`, for errors. */
  readonly rollout: string;
  /** Of weighin.yaml. */
  readonly model: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * Where counts come from: as `source:` says, else the pages of the servers that are rolled. null: nowhere.
 * @throws UserError SOURCE_URL_INVALID, SOURCE_TOKEN_MISSING, METRIC_INVALID, SELECTOR_INVALID, QUERY_INVALID
 */
export async function openMetricSource({
  config,
  definition,
  rollout,
  model,
  env,
  fetch,
}: MetricSourceOptions): Promise<MetricSource | null> {
  const shared = { definition, rollout, ...(fetch && { fetch }) };
  if (config && 'prometheus' in config) {
    const { openPrometheusSource } = await import('./open-prometheus-source.ts');
    return openPrometheusSource({
      ...shared,
      model,
      url: config.prometheus,
      delay: config.delay,
      token: tokenOf(config.token, rollout, env),
    });
  }
  const pages = config ? config.scrape : definition.target?.kind === 'serve' ? definition.target.urls.map(pageOf) : null;
  if (!pages) return null;
  const { openScrapeSource } = await import('./open-scrape-source.ts');
  return openScrapeSource({ ...shared, pages, token: tokenOf(config?.token, rollout, env) });
}

/** The page of metrics of a `weighin serve`. */
function pageOf(server: string): string {
  const url = new URL(server);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/metrics`;
  return url.href;
}

function tokenOf(
  setting: { readonly env: string } | undefined,
  rollout: string,
  env: Readonly<Record<string, string | undefined>>,
): string | null {
  if (!setting) return null;
  const token = env[setting.env]?.trim();
  if (token) return token;
  throw new UserError(
    'SOURCE_TOKEN_MISSING',
    `${rollout}: ${setting.env} is not set, and its source asks for that token.`,
    `Set ${setting.env} in the environment of the guard, or leave \`token\` out.`,
  );
}
