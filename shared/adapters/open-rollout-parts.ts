import type { RolloutConfig, SourceConfig, TargetConfig } from '../config/rollout-schema.ts';
import type { Forge } from '../promotion/forge.ts';
import type { MetricSource } from '../rollout/engine/metric-source.ts';
import type { RolloutTarget } from '../rollout/engine/rollout-target.ts';
import type { RolloutNames } from '../rollout/guard/guard-parts.ts';
import type { RunProcess } from '../training/run-process.ts';

/** What targets and sources are opened with. Each takes what it needs. */
export interface RolloutSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly fetch: typeof globalThis.fetch;
  /** For what is written into this repository, or dispatched in it. */
  readonly forge: Forge;
  readonly runProcess: RunProcess;
  /** Where commands run. */
  readonly cwd: string;
  /** What a target can't mend, once. */
  readonly warn: (line: string) => void;
}

/** The target of a rollout by its kind; its code is loaded when there is one. @throws UserError where the configuration can't be right */
export async function openTarget(
  config: TargetConfig,
  definition: RolloutConfig,
  names: RolloutNames,
  around: RolloutSurroundings,
): Promise<RolloutTarget> {
  switch (config.kind) {
    case 'serve':
      return (await import('./rollout-targets/open-serve-target.ts')).openServeTarget(config, around);
    case 'http':
      return (await import('./rollout-targets/open-http-target.ts')).openHttpTarget(config, around);
    case 'kserve':
    case 'argo-rollouts':
    case 'gateway-api':
    case 'template': {
      const { openManifestTarget } = await import('./rollout-targets/open-manifest-target.ts');
      return openManifestTarget(config, { name: names.rollout, definition }, around);
    }
    case 'haproxy':
      return (await import('./rollout-targets/open-haproxy-target.ts')).openHaproxyTarget(config, around);
    case 'dispatch': {
      const { openDispatchTarget } = await import('./rollout-targets/open-dispatch-target.ts');
      return openDispatchTarget(config, { dispatch: (eventType, payload) => around.forge.actions.dispatch(eventType, payload) });
    }
  }
}

/** Where counts come from: as `source:` says, else the pages of the servers that are rolled. null: nowhere. */
export async function openSource(
  config: SourceConfig | undefined,
  definition: RolloutConfig,
  names: RolloutNames,
  { env, fetch }: RolloutSurroundings,
): Promise<MetricSource | null> {
  const { openMetricSource } = await import('./metric-sources/open-metric-source.ts');
  return openMetricSource({ config, definition, rollout: names.rollout, model: names.model, env, fetch });
}
