import type { ActionSpec } from '../shared/spec/action-spec.ts';
import { spec as bot } from './bot/spec.ts';
import { spec as detectDrift } from './detect-drift/spec.ts';
import { spec as evaluateModel } from './evaluate-model/spec.ts';
import { spec as modelCard } from './model-card/spec.ts';
import { spec as registerModel } from './register-model/spec.ts';
import { spec as report } from './report/spec.ts';
import { spec as trainModel } from './train-model/spec.ts';
import { spec as validateData } from './validate-data/spec.ts';
import { spec as weigh } from './weigh/spec.ts';
import { spec as weighin } from './weighin/spec.ts';

/** Every action, in the order in which a run goes through them. */
export const specs: readonly ActionSpec[] = [
  weighin,
  validateData,
  trainModel,
  evaluateModel,
  detectDrift,
  modelCard,
  registerModel,
  report,
  weigh,
  bot,
];
