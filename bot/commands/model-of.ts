import type { Config, ModelConfig } from '../../shared/config/schema.ts';
import { UserError } from '../../shared/errors.ts';
import { nearestName } from '../../shared/spec/nearest-name.ts';
import type { Policy } from '../bot-context.ts';

/** The policy's configuration. @throws UserError POLICY_UNREADABLE */
export function configOf({ config, problem }: Policy): Config {
  if (config) return config;
  throw new UserError(
    'POLICY_UNREADABLE',
    `weighin.yaml of the default branch can't be read. ${problem ?? ''}`.trim(),
    'Mend it there, and write the command again in a new comment.',
  );
}

/** A model as the policy declares it. @throws UserError POLICY_UNREADABLE, MODEL_UNKNOWN */
export function modelOf(policy: Policy, model: string): ModelConfig {
  const { models } = configOf(policy);
  const found = Object.hasOwn(models, model) ? models[model] : undefined;
  if (found) return found;
  const known = Object.keys(models);
  const near = nearestName(model, known);
  throw new UserError(
    'MODEL_UNKNOWN',
    `weighin.yaml of the default branch has no model \`${model}\`.`,
    near ? `Did you mean \`${near}\`?` : known.length > 0 ? `It has: ${known.slice(0, 10).join(', ')}.` : 'Add it under `models:`.',
  );
}
