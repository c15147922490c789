import type { Config, ModelConfig, StageConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import { nearestName } from '../spec/nearest-name.ts';
import { checkedName } from './version-name.ts';

/** The stage as weighin.yaml declares it. @throws UserError MODEL_UNKNOWN or STAGE_UNKNOWN, which name the nearest one. */
export function stageOfConfig(config: Config, model: string, stage: string): { readonly model: ModelConfig; readonly stage: StageConfig } {
  const models = Object.keys(config.models);
  const found = Object.hasOwn(config.models, checkedName(model, 'model')) ? config.models[model] : undefined;
  if (!found) throw unknown('MODEL_UNKNOWN', `weighin.yaml has no model ${model}.`, model, models, 'models');
  const stages = Object.keys(found.stages);
  const wanted = Object.hasOwn(found.stages, checkedName(stage, 'stage')) ? found.stages[stage] : undefined;
  if (!wanted) throw unknown('STAGE_UNKNOWN', `${model} has no stage ${stage} in weighin.yaml.`, stage, stages, `models.${model}.stages`);
  return { model: found, stage: wanted };
}

function unknown(code: string, message: string, written: string, known: readonly string[], where: string): UserError {
  const near = nearestName(written, known);
  const hint = near
    ? `Did you mean ${near}?`
    : known.length > 0
      ? `${where} has: ${known.join(', ')}.`
      : `Add it under ${where}, for example \`${written}: {approvals: 1}\`.`;
  return new UserError(code, message, hint);
}
