import { expect, it } from 'vitest';
import { config, refused } from './config-text.ts';

const split = (text: string, more = '') => config({ data: `{source: a, label: y, split: {${text}}${more}}` });
const gates = (text: string) => config({ evaluation: `{gates: [${text}]}` });
const drift = (text: string, at = '') => config({ drift: `{${text}}`, ...(at && { stages: at }) });
const retrain = (on: string) => config({ retrain: `{workflow: train.yml, on: [${on}]}` });
const stages = (text: string, rest = '') => config({ stages: `{${text}}` }, rest);

const rollout = (keys: string) => config({}, `rollouts: {careful: {${keys}}}\n`);
const errors = 'metrics: [{name: error_rate, max: 0.01}]';
const guard = 'guard: {driver: server}';
const serve = "target: {kind: serve, urls: ['http://localhost:8080']}";

it.each([
  ['no data', config({ data: '' }), '3:3 data is missing: format onnx is judged on rows. Only format metrics needs none.'],
  [
    'features without a time',
    config({ data: '{source: a, label: y, features: [{source: b, entity: c, time: d}]}' }),
    "5:43 features are joined as of each row's own time",
  ],
  ['the label as id', config({ data: '{source: a, label: y, id: y}' }), "id names the label's own column, y."],
  ['a split by time without one', split('by: time'), 'A split by time needs `data.time`, the column to cut at.'],
  ['an embargo elsewhere', split('embargo: 1d'), 'embargo belongs to a split by time, not by stratified.'],
  ['folds elsewhere', split('folds: 5'), 'folds belong to a split by kfold, not by stratified.'],
  ['a column elsewhere', split('column: part'), 'column belongs to a split by column or group, not by stratified.'],
  ['a column that is missing', split('by: column'), 'A split by column needs `column`'],
  ['a group of nothing', split('by: group'), 'A split by group needs `column` or `data.cluster`.'],
  ['shares that exceed one', split('train: 0.8, test: 0.2'), 'train 0.8, validation 0.15 and test 0.2 make 1.15; they have to make 1'],
  ['shares just beyond rounding', split('train: 0.700000002'), 'make 1.000000002;'],
  ['a command without predict', config({ model: '{format: command}' }), 'format command needs `predict`'],
  ['predict without a command', config({ model: '{predict: a}' }), 'predict belongs to format command, not to onnx.'],
  ['predictions without a file', config({ model: '{format: predictions}' }), 'format predictions needs `file`: what to read.'],
  ['metrics without a file', config({ data: '', model: '{format: metrics}' }), 'format metrics needs `file`: what to read.'],
  [
    'nothing that makes a model',
    config({ training: '' }),
    'Nothing makes the model: give `training` a command or a trainer, or name a finished model in `model.file`.',
  ],
  ['training that trains nothing', config({ training: '{setup: a}' }), 'Nothing makes the model'],
  [
    'a trainer of another format',
    config({ training: '{trainer: logistic-regression}', model: '{format: predictions, file: a}' }),
    'A built-in trainer writes ONNX; model.format is predictions.',
  ],
  [
    'a trainer of another task',
    config({ task: 'regression', training: '{trainer: logistic-regression}' }),
    'logistic-regression trains binary; task is regression.',
  ],
  ['two tests of one name', config({ tests: '[{name: unit, command: a}, {name: unit, command: b}]' }), 'Two tests are named unit.'],
  [
    'a baseline in no stage',
    stages('prod: {}'),
    'The baseline is the version in production, which is not one of the stages (prod); set evaluation.baseline.stage.',
  ],
  ['a stage after none', stages('production: {after: stagin}, staging: {}'), 'stagin is not a stage of this model; nearest: staging.'],
  ['a stage after itself', stages('production: {after: staging}, staging: {after: production}'), 'production comes after itself.'],
  [
    'a rollout that is none',
    stages('production: {rollout: carful}', 'rollouts: {careful: {strategy: canary}}\n'),
    'carful is not one of `rollouts`; nearest: careful.',
  ],
  ['a rollout where there are none', stages('production: {rollout: careful}'), 'careful is not one of `rollouts`; there is none.'],
  ['a bandit', rollout('strategy: bandit'), 'A bandit moves traffic by what pays'],
  ['a target without a guard', rollout(`strategy: canary, ${errors}, ${serve}`), 'Traffic is moved by a guard'],
  ['a guard of nothing', rollout(`strategy: canary, ${guard}, verify: [{command: 'true'}]`), 'Without `target` nobody here moves traffic'],
  ['a target that nobody watches', rollout(`strategy: canary, ${guard}, ${serve}`), 'No metric is watched, so nothing could take it back'],
  [
    'steps that are not a canary',
    rollout('strategy: blue-green, steps: [{weight: 100, hold: 1h}]'),
    'steps belong to a canary; blue-green',
  ],
  ['a canary with a duration', rollout('strategy: canary, duration: 1d'), 'A canary lasts as long as its steps hold'],
  ['an A/B test of nothing', rollout('strategy: ab'), 'strategy ab needs `experiment`'],
  ['an end that a canary has not', rollout('strategy: canary, then: ask'), 'then belongs to shadow and ab'],
  ['steps downwards', rollout('strategy: canary, steps: [{weight: 50, hold: 1h}, {weight: 5, hold: 1h}]'), '5 comes after 50.'],
  [
    'steps that end early',
    rollout(`strategy: canary, ${errors}, ${guard}, ${serve}, steps: [{weight: 50, hold: 1h}]`),
    'The last step is at 50 %; end with {weight: 100',
  ],
  ['bad of nothing', rollout('strategy: canary, metrics: [{name: e, bad: x, max: 0.1}]'), 'e needs both bad and total, or neither.'],
  ['two ways to count', rollout('strategy: canary, metrics: [{name: e, bad: x, total: y, le: 0.1}]'), 'keep one.'],
  [
    'distributions without a limit',
    rollout('strategy: canary, metrics: [{name: d, test: distribution}]'),
    'd compares distributions: write',
  ],
  [
    'a shadow on a target that can’t copy',
    rollout(`strategy: shadow, ${errors}, ${guard}, target: {kind: haproxy, socket: "h:1", backend: b}`),
    "which haproxy can't do here: use serve, gateway-api, template, or http with `mirrors: true`.",
  ],
  [
    'a share below HAProxy’s smallest',
    rollout(
      `strategy: canary, ${errors}, ${guard}, target: {kind: haproxy, socket: "h:1", backend: b}, steps: [{weight: 0.1, hold: 1h}, {weight: 100, hold: 1h}]`,
    ),
    'smallest share is 0.4 %, and this step has 0.1 %.',
  ],
  ['a canary of no step', rollout('strategy: canary, steps: []'), 'Leave `steps` out for 5, 15, 30, 50, 75, 100 %'],
  [
    'a target that can’t judge',
    rollout(`strategy: canary, ${errors}, guard: {driver: target}, ${serve}`),
    'serve judges nothing by itself: write `driver: server`',
  ],
  [
    'a password in an address',
    rollout(`strategy: canary, ${errors}, ${guard}, target: {kind: serve, urls: ['http://u:hush@localhost:8080']}`),
    'An address is written without user and password',
  ],
  [
    'a password in the address of Prometheus',
    rollout(`strategy: canary, ${errors}, ${guard}, ${serve}, source: {prometheus: 'http://u:hush@localhost:9090'}`),
    'An address is written without user and password',
  ],
  ['two metrics of one name', rollout('strategy: canary, metrics: [{name: e, max: 0.1}, {name: e, max: 0.2}]'), 'Two metrics are called e'],
  [
    'a limit above everything',
    rollout('strategy: canary, metrics: [{name: e, max: 2}]'),
    'max is a share of all answers, above 0 and below 1',
  ],
  ['an emergency limit of nothing', rollout('strategy: canary, metrics: [{name: e, hardMax: 5}]'), 'hardMax is a share of all answers'],
  [
    'an emergency limit below the limit',
    rollout('strategy: canary, metrics: [{name: e, max: 0.05, hardMax: 0.01}]'),
    'it is not below max: 0.01 is less than 0.05.',
  ],
  ['a target of no kind', rollout(`strategy: canary, ${errors}, ${guard}, target: {kind: kserv}`), 'nearest: kserve'],
  ['an alarm below a shift', drift('alarm: 0.02'), 'alarm 0.02 is below shift 0.03: drift is a shift that is large'],
  ['more windows than there are', drift('agree: 4 of 3'), "4 of 3 windows can't agree."],
  ['an alarm that waits for months', drift('agree: 2 of 31'), 'An alarm looks at 30 windows at most, not 31.'],
  ['windows of seconds', drift('window: 30s'), 'A window has at least a minute'],
  ['rows that are always stale', drift('window: 7d, maxAge: 1d'), 'maxAge 1d is shorter than a window (7d)'],
  ['one segment column twice', drift('by: [a, a]'), 'by names a twice.'],
  ['a reference of no stage', drift('reference: training-of prod', '{production: {}}'), 'prod is not a stage of this model; nearest:'],
  ['a schedule that is none', retrain('{schedule: daily}'), 'The schedule is no cron expression: it has 1 fields'],
  ['a schedule of no day', retrain('{schedule: 0 0 30 2 *}'), 'there is no such day in any year'],
  ['one cause twice', retrain('new-data, new-data'), 'new-data stands there twice.'],
  ['drift that nobody watches', retrain('drift'), 'Retraining on drift needs `drift:`, which says what is watched'],
  ['a size for a score', gates('{metric: roc_auc, max: 50MB}'), 'A size (50MB) limits model_bytes, not roc_auc.'],
  ['slices and a group', gates('{metric: recall, max: 1, group: a, slices: {by: [b]}}'), 'A gate has slices or a group, not both'],
  [
    'decisions out of order',
    config({ evaluation: '{gates: [{metric: a, min: 0}], decisions: [{above: 0.5, label: a}, {above: 0.9, label: b}]}' }),
    'decisions are read from the top',
  ],
])('refuses %s', async (_, text, line) => expect((await refused(text)).join('\n')).toContain(line));

it.each([
  ['shares within rounding', split('train: 0.6, validation: 0.3, test: 0.1')],
  ['a split without validation', split('train: 0.8, validation: 0, test: 0.2')],
  ['a finished model and no training', config({ training: '', model: '{file: model.onnx}' })],
  ['a metrics file and nothing else', config({ data: '', training: '', model: '{format: metrics, file: metrics.json}' })],
  ['a predictions file', config({ training: '', model: '{format: predictions, file: p.parquet}' })],
  ['a size for bytes', gates('{metric: model_bytes, max: 50 MiB}')],
  [
    'a baseline in a stage of its own',
    config({ evaluation: '{baseline: {stage: prod}, gates: [{metric: a, min: 0}]}', stages: '{prod: {}}' }),
  ],
  ['no data', split('by: kfold, folds: 5')],
  ['a rollout that is guarded', rollout(`strategy: canary, ${errors}, ${guard}, ${serve}`)],
  [
    'a shadow that an endpoint mirrors',
    rollout(`strategy: shadow, ${errors}, ${guard}, target: {kind: http, url: "http://h", mirrors: true}`),
  ],
  ['a rollout that somebody else carries out', rollout('strategy: canary, guard: {driver: watcher}')],
])('takes %s', async (_, text) => expect(await refused(text)).toEqual([]));

it('names every contradiction at once', async () => {
  expect(
    await refused(config({ data: '{source: a, label: y, split: {by: time, train: 0.9}}', stages: '{production: {after: x}}' })),
  ).toHaveLength(3);
});
