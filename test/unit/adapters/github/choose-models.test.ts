import { describe, expect, it } from 'vitest';
import { chooseModels, oneModel } from '../../../../shared/adapters/github/choose-models.ts';
import { eventFacts } from '../../../../shared/adapters/github/read-event.ts';
import { configSchema } from '../../../../shared/config/schema.ts';
import { UserError } from '../../../../shared/errors.ts';
import type { RunContext } from '../../../../shared/pipeline/run-context.ts';

const warnings: string[] = [];
/** Only what choosing reads of a context. */
const context = (models: readonly string[], changedFiles: RunContext['changedFiles'] = async () => []) =>
  ({
    config: {
      file: 'weighin.yaml',
      files: ['weighin.yaml'],
      blocked: [],
      config: configSchema.parse({
        version: 1,
        models: Object.fromEntries(
          models.map((model) => [
            model,
            { task: 'binary', code: [`src/${model}/**`], evaluation: { gates: [{ metric: 'roc_auc', min: 0.5 }] } },
          ]),
        ),
      }),
      modelRoots: {},
      modelFiles: Object.fromEntries(models.map((model) => [model, 'weighin.yaml'])),
      root: '/repo',
      rootOf: () => '/repo',
      fileOf: () => 'weighin.yaml',
    },
    output: '/repo/.weighin',
    changedFiles,
    progress: { step() {}, note() {}, warn: (line: string) => warnings.push(line) },
  }) as unknown as RunContext;

const pull = eventFacts(
  { GITHUB_EVENT_NAME: 'pull_request' },
  { pull_request: { number: 7, head: { sha: 'b', repo: null }, base: { sha: 'a', repo: null } } },
);
const push = eventFacts({ GITHUB_EVENT_NAME: 'push' }, {});

describe('the models of a run', () => {
  it('are the one that was named, or the only one', async () => {
    expect(await chooseModels(context(['churn', 'fraud']), 'fraud', pull)).toEqual(['fraud']);
    expect(await chooseModels(context(['churn']), undefined, pull)).toEqual(['churn']);
    await expect(chooseModels(context(['churn']), 'chrun', pull)).rejects.toMatchObject({ code: 'MODEL_UNKNOWN' });
  });

  it('are those that a pull request reaches, and all of them on a push', async () => {
    const two = context(['churn', 'fraud'], async (base) => (base === 'a' ? ['src/fraud/train.py'] : null));
    expect(await chooseModels(two, undefined, pull)).toEqual(['fraud']);
    expect(await chooseModels(two, undefined, push)).toEqual(['churn', 'fraud']);
  });

  it('are all of them, with a word about it, where the checkout is too shallow to tell', async () => {
    const shallow = context(['churn', 'fraud'], async () => {
      throw new UserError('BASE_NOT_FOUND', 'Git knows no "a".', 'Set fetch-depth: 0.');
    });
    expect(await chooseModels(shallow, undefined, pull)).toEqual(['churn', 'fraud']);
    expect(warnings.at(-1)).toContain('fetch-depth: 0');
    const broken = context(['churn', 'fraud'], async () => {
      throw new UserError('GIT_BROKEN', 'x', 'y');
    });
    await expect(chooseModels(broken, undefined, pull)).rejects.toMatchObject({ code: 'GIT_BROKEN' });
  });
});

it('asks which model a step is for where there are several', () => {
  expect(oneModel(context(['churn']), undefined)).toBe('churn');
  expect(() => oneModel(context(['churn', 'fraud']), undefined)).toThrow(/has 2 models/);
  expect(() => oneModel(context([]), undefined)).toThrow(/has 0 models/);
});
