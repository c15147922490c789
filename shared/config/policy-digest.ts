import { digestOfDocument } from '../digest/canonical-json.ts';
import type { Config } from './schema.ts';

/**
 * `sha256:<hex>` over the canonical JSON (RFC 8785) of what the default branch decides (`data.split`, `evaluation`,
 * `card.require`, stages, rollouts, mode, store): of one model, or of all. Defaults are in it, so a version of Weighin
 * that judges by other defaults has another policy.
 */
export function policyDigest(config: Config, only?: string): string {
  const models = Object.entries(config.models).filter(([name]) => only === undefined || name === only);
  const policy = {
    mode: config.mode,
    store: config.store ?? null,
    extends: config.extends ?? null,
    rollouts: config.rollouts ?? {},
    models: Object.fromEntries(
      models.map(([name, model]) => [
        name,
        {
          split: model.data?.split ?? null,
          heldout: model.data?.heldout ?? null,
          evaluation: model.evaluation,
          cardRequires: model.card.require,
          stages: model.stages,
        },
      ]),
    ),
  };
  return digestOfDocument(policy);
}
