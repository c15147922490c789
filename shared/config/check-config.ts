import { nearestName } from '../spec/nearest-name.ts';
import { checkMonitoring } from './check-monitoring.ts';
import { checkRollout } from './check-rollout.ts';
import type { ConfigPath } from './parse-yaml.ts';
import type { Config, DataConfig, GateConfig, ModelConfig } from './schema.ts';

/** A contradiction between keys that are each right by themselves. */
export interface Contradiction {
  readonly path: ConfigPath;
  readonly message: string;
}

/** What a schema can't say: names that must exist, keys that need or exclude each other, shares that must add up. */
export function checkConfig(config: Config): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const say = (path: ConfigPath, message: string) => found.push({ path, message });
  const names = Object.keys(config.models);
  if (names.length === 0) say(['models'], 'There are no models: nothing would be judged. Name one under `models:`.');
  for (const name of names) {
    const model = config.models[name];
    if (model) checkModel(['models', name], model, Object.keys(config.rollouts ?? {}), say);
  }
  for (const [name, rollout] of Object.entries(config.rollouts ?? {})) checkRollout(['rollouts', name], rollout, say);
  return found;
}

export type Say = (path: ConfigPath, message: string) => void;

function checkModel(path: ConfigPath, model: ModelConfig, rollouts: readonly string[], say: Say) {
  const { format } = model.model;
  if (!model.data && format !== 'metrics')
    say([...path, 'data'], `data is missing: format ${format} is judged on rows. Only format metrics needs none.`);
  if (model.data) checkData([...path, 'data'], model.data, say);
  checkModelFile(path, model, say);
  checkStages(path, model, rollouts, say);
  checkMonitoring(path, model, say);

  const tests = model.tests.map((test) => test.name);
  tests.forEach((name, index) => {
    if (tests.indexOf(name) < index) say([...path, 'tests', index, 'name'], `Two tests are named ${name}.`);
  });
  model.evaluation.gates.forEach((gate, index) => {
    checkGate([...path, 'evaluation', 'gates', index], gate, say);
  });
  const thresholds = model.evaluation.decisions?.map((decision) => decision.above ?? Number.NEGATIVE_INFINITY) ?? [];
  thresholds.forEach((threshold, index) => {
    if (index > 0 && threshold >= (thresholds[index - 1] ?? 0))
      say(
        [...path, 'evaluation', 'decisions', index],
        'decisions are read from the top: each needs a lower `above` than the one before, only the last has none.',
      );
  });
}

function checkData(path: ConfigPath, data: DataConfig, say: Say) {
  const { split } = data;
  const splitPath = [...path, 'split'];
  if (data.features.length > 0 && !data.time)
    say([...path, 'features'], "features are joined as of each row's own time: name its column in `time`.");
  for (const other of ['id', 'time', 'cluster'] as const)
    if (data[other] === data.label) say([...path, other], `${other} names the label's own column, ${data.label}.`);
  if (split.by === 'time' && !data.time) say([...splitPath, 'by'], 'A split by time needs `data.time`, the column to cut at.');
  if (split.embargo && split.by !== 'time') say([...splitPath, 'embargo'], `embargo belongs to a split by time, not by ${split.by}.`);
  if (split.by === 'column' && !split.column)
    say([...splitPath, 'by'], 'A split by column needs `column`, which says train, validation or test.');
  if (split.by === 'group' && !split.column && !data.cluster)
    say([...splitPath, 'by'], 'A split by group needs `column` or `data.cluster`.');
  if (split.column && split.by !== 'column' && split.by !== 'group')
    say([...splitPath, 'column'], `column belongs to a split by column or group, not by ${split.by}.`);
  if (split.folds !== undefined && split.by !== 'kfold')
    say([...splitPath, 'folds'], `folds belong to a split by kfold, not by ${split.by}.`);
  const sum = split.train + split.validation + split.test;
  if (split.by !== 'column' && split.by !== 'kfold' && Math.abs(sum - 1) > 1e-9)
    say(
      splitPath,
      `train ${split.train}, validation ${split.validation} and test ${split.test} make ${Number(sum.toPrecision(12))}; they have to make 1 (what is left out is 0.7, 0.15, 0.15).`,
    );
}

function checkModelFile(path: ConfigPath, model: ModelConfig, say: Say) {
  const { format, file, predict, source } = model.model;
  const modelPath = [...path, 'model'];
  const training = model.training;
  if (source) return;
  if (format === 'command' && !predict)
    say(modelPath, 'format command needs `predict`: the command that reads rows and writes predictions.');
  if (format !== 'command' && predict) say([...modelPath, 'predict'], `predict belongs to format command, not to ${format}.`);
  if ((format === 'predictions' || format === 'metrics') && !file) say(modelPath, `format ${format} needs \`file\`: what to read.`);
  if (format === 'onnx' && !file && !training?.command && !training?.trainer)
    say(path, 'Nothing makes the model: give `training` a command or a trainer, or name a finished model in `model.file`.');
  if (training?.trainer && format !== 'onnx')
    say([...path, 'training', 'trainer'], `A built-in trainer writes ONNX; model.format is ${format}.`);
  const taught = training?.trainer && trainerTasks[training.trainer];
  if (taught && !taught.includes(model.task))
    say([...path, 'training', 'trainer'], `${training?.trainer} trains ${taught.join(', ')}; task is ${model.task}.`);
}

const trainerTasks: Readonly<Record<string, readonly string[]>> = {
  'logistic-regression': ['binary'],
  'linear-regression': ['regression'],
  'gradient-boosting': ['binary', 'multiclass', 'regression'],
};

function checkStages(path: ConfigPath, model: ModelConfig, rollouts: readonly string[], say: Say) {
  const stages = Object.keys(model.stages);
  const { stage: baseline } = model.evaluation.baseline;
  if (stages.length > 0 && !stages.includes(baseline))
    say(
      [...path, 'evaluation', 'baseline', 'stage'],
      `The baseline is the version in ${baseline}, which is not one of the stages (${stages.join(', ')}); set evaluation.baseline.stage.`,
    );
  for (const [name, stage] of Object.entries(model.stages)) {
    const here = [...path, 'stages', name];
    if (stage.after && !stages.includes(stage.after))
      say([...here, 'after'], `${stage.after} is not a stage of this model${orNearest(stage.after, stages)}.`);
    else if (stage.after && comesAfterItself(name, model)) say([...here, 'after'], `${name} comes after itself.`);
    if (stage.rollout && !rollouts.includes(stage.rollout))
      say([...here, 'rollout'], `${stage.rollout} is not one of \`rollouts\`${orNearest(stage.rollout, rollouts)}.`);
  }
}

function comesAfterItself(name: string, model: ModelConfig): boolean {
  const seen = new Set<string>();
  for (let at = model.stages[name]?.after; at && !seen.has(at); at = model.stages[at]?.after) {
    if (at === name) return true;
    seen.add(at);
  }
  return false;
}

/** Which metrics exist is the gate room's to know; what is checked here is the rule itself. */
function checkGate(path: ConfigPath, gate: GateConfig, say: Say) {
  for (const rule of ['min', 'above', 'max', 'below'] as const) {
    if (typeof gate[rule] === 'string' && !gate.metric.endsWith('bytes'))
      say([...path, rule], `A size (${gate[rule]}) limits model_bytes, not ${gate.metric}.`);
  }
  if (gate.slices && gate.group)
    say([...path, 'group'], 'A gate has slices or a group, not both: slices judge each part, a group judges the difference between parts.');
}

export const orNearest = (written: string, known: readonly string[]) => {
  const near = nearestName(written, known);
  return near ? `; nearest: ${near}` : known.length > 0 ? `; there is ${known.join(', ')}` : '; there is none';
};
