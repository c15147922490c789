import { parseDuration } from '../config/quantities.ts';
import { type Config, defaultDrift, type ModelConfig } from '../config/schema.ts';

/** What dashboards and alert rules have to know of a model that is monitored. */
export interface MonitoredModel {
  readonly model: string;
  readonly stage: string;
  /** Of a window, in milliseconds. */
  readonly window: number;
  readonly shift: number;
  readonly alarm: number;
}

/** The stage that is watched where nobody names one: that of the baseline. */
export const watchedStage = (model: ModelConfig): string => model.evaluation.baseline.stage;

/** The models of a configuration that say `drift:`, or those that are named. */
export function monitoredModels(config: Config, named: readonly string[] = []): readonly MonitoredModel[] {
  return Object.entries(config.models)
    .filter(([name, { drift }]) => (named.length > 0 ? named.includes(name) : drift !== undefined))
    .map(([model, settings]) => {
      const { window, shift, alarm } = settings.drift ?? defaultDrift();
      return { model, stage: watchedStage(settings), window: parseDuration(window), shift, alarm };
    });
}
