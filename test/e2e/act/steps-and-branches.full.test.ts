import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeChurn } from '../../support/act-churn.ts';
import { pullRequest, pushed, stageRepository } from '../../support/act-run.ts';
import { readUploaded, useAct } from '../../support/act-suite.ts';

/** The steps as actions of their own, a monorepo's matrix, and what the default branch alone may do. */
const { run, github, folder } = useAct();
const sha256 = /^sha256:[0-9a-f]{64}$/;

describe('the steps one by one', () => {
  it('hand on through files, and end as the whole does', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { test: 'true' }),
      () => {},
    );
    const { code, outputs, artifacts, summaries, log } = await run({
      repository,
      workflow: 'steps.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(0);
    expect(outputs['validate']).toMatchObject({
      verdict: 'pass',
      contract: 'out/runs/churn/contract.json',
      'dataset-version': expect.stringMatching(sha256),
    });
    expect(outputs['train']).toMatchObject({
      verdict: 'pass',
      training: 'out/runs/churn/training.json',
      'model-digest': expect.stringMatching(sha256),
    });
    expect(outputs['evaluate']).toMatchObject({
      verdict: 'pass',
      evaluation: 'out/runs/churn/evaluation.json',
      report: 'out/runs/churn/report.json',
    });
    expect(outputs['card']).toMatchObject({ card: 'out/runs/churn/MODEL_CARD.md', missing: 'intendedUse, limitations' });
    expect(outputs['report']).toMatchObject({ verdict: 'pass', report: 'out/runs/churn/report.json' });
    expect(outputs['register']).toMatchObject({ registered: 'false', reason: expect.stringContaining('pull request') });
    expect(readUploaded(artifacts, 'weighin-report-churn-1')).toMatchObject({
      verdict: 'pass',
      dataset: { version: outputs['validate']?.['dataset-version'] },
    });
    expect(summaries.join()).toContain('churn');
    expect(github().comments).toHaveLength(1);
  });

  it('stop at broken data before anything is trained, and report it', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { emptyIncome: 0.2 }),
      () => {},
    );
    const { code, outputs, artifacts, log } = await run({
      repository,
      workflow: 'steps.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['validate']).toMatchObject({ verdict: 'fail', 'dataset-version': '' });
    expect(outputs['train'] ?? {}).toEqual({});
    expect(outputs['report']).toMatchObject({ verdict: 'fail' });
    expect(readUploaded(artifacts, 'weighin-report-churn-1')).toMatchObject({ verdict: 'fail', training: null });
  });
});

describe('a monorepo', () => {
  it('weighs what a change reaches, a job a model, and tells it in one comment', async () => {
    const models = ['churn', 'fraud', 'idle'];
    const repository = stageRepository(
      (folder) => writeChurn(folder, { models }),
      (folder) => {
        for (const model of ['churn', 'fraud']) {
          mkdirSync(join(folder, 'src', model), { recursive: true });
          writeFileSync(join(folder, 'src', model, 'features.txt'), 'changed\n');
        }
      },
    );
    const { code, outputs, artifacts, log } = await run({
      repository,
      workflow: 'matrix.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(0);
    expect(outputs['plan']).toMatchObject({ matrix: '{"model":["churn","fraud"]}', registered: 'false' });
    expect(readdirSync(artifacts).sort()).toEqual(
      ['churn', 'fraud'].flatMap((model) => [`weighin-files-${model}-1`, `weighin-report-${model}-1`]).sort(),
    );
    expect(outputs['report']).toMatchObject({ verdict: 'pass', report: '.weighin/runs' });
    expect(github().comments).toHaveLength(1);
    for (const model of ['churn', 'fraud']) expect(github().comments[0]?.body).toContain(model);
    expect(github().comments[0]?.body).not.toContain('idle');
  });

  it('has its configuration in a folder, named from there and annotated from the top', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(join(folder, 'ml')),
      (folder) => writeChurn(join(folder, 'ml'), { emptyIncome: 0.2 }),
    );
    const { code, outputs, annotations, log } = await run({
      repository,
      workflow: 'folder.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail', report: 'ml/.weighin/runs/churn/report.json' });
    const placed = annotations.flatMap(({ file }) => (file ? [file] : []));
    for (const file of placed) expect(existsSync(join(repository.folder, file)), file).toBe(true);
    expect(github().requests).toEqual([]);
  });
});

describe('the default branch', () => {
  it('registers what was merged; a pull request, another branch and a stopped model register nothing', async () => {
    const store = folder('store');
    rmSync(store, { recursive: true, force: true });
    const merged = stageRepository((folder) => writeChurn(folder, { store }));
    const push = await run({ repository: merged, workflow: 'whole.yml', event: 'push', payload: pushed() });
    expect(push.code, push.log).toBe(0);
    expect(push.outputs['weighin']).toMatchObject({ verdict: 'pass', registered: 'true', 'model-version': '1' });
    expect(github().comments).toEqual([]);
    const versions = () => readdirSync(join(store, 'models/churn/versions'));
    expect(versions()).toEqual(['1.json']);

    const stopped = stageRepository((folder) => writeChurn(folder, { store, min: 0.99 }));
    const red = await run({ repository: stopped, workflow: 'whole.yml', event: 'push', payload: pushed() });
    expect(red.code, red.log).toBe(1);
    expect(red.outputs['weighin']).toMatchObject({ registered: 'false', 'model-version': '' });
    const branch = stageRepository(
      (folder) => writeChurn(folder, { store }),
      (folder) => writeChurn(folder, { store, seed: 43 }),
    );
    const other = await run({ repository: branch, workflow: 'whole.yml', event: 'push', payload: pushed('refs/heads/change') });
    expect(other.code, other.log).toBe(0);
    expect(other.outputs['weighin']).toMatchObject({ registered: 'false' });
    expect(versions()).toEqual(['1.json']);
  });

  it('registers step by step as well', async () => {
    const store = folder('store-of-steps');
    rmSync(store, { recursive: true, force: true });
    const repository = stageRepository((folder) => writeChurn(folder, { store }));
    const { code, outputs, log } = await run({ repository, workflow: 'steps.yml', event: 'push', payload: pushed() });
    expect(code, log).toBe(0);
    expect(outputs['register']).toMatchObject({
      registered: 'true',
      'model-version': '1',
      'model-digest': outputs['train']?.['model-digest'],
    });
  });
});
