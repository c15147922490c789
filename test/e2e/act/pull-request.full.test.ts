import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeChurn } from '../../support/act-churn.ts';
import { actionsBot } from '../../support/act-github-double.ts';
import { pullRequest, stageRepository } from '../../support/act-run.ts';
import { readUploaded, useAct } from '../../support/act-suite.ts';

/** The whole of a pull request by the root action: its action.yml under act, on the host, with GitHub's API doubled. */
const { run, github } = useAct();
const sha256 = /^sha256:[0-9a-f]{64}$/;

describe('a pull request', () => {
  it('is weighed whole: outputs, summary, artifacts, and one comment that a second push edits', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => writeChurn(folder, { seed: 43 }),
    );
    const first = await run({ repository, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(repository) });
    expect(first.code, first.log).toBe(0);
    expect(first.outputs['weighin']).toMatchObject({
      verdict: 'pass',
      report: '.weighin/runs/churn/report.json',
      matrix: '{"model":["churn"]}',
      'dataset-version': expect.stringMatching(sha256),
      'model-digest': expect.stringMatching(sha256),
      'model-version': '',
      registered: 'false',
      summary: expect.stringMatching(/^churn: /),
    });
    expect(first.log).toContain('A pull request registers nothing');
    expect(first.summaries.join()).toContain('churn');

    expect(readdirSync(first.artifacts).sort()).toEqual(['weighin-files-churn-1', 'weighin-report-churn-1']);
    const report = readUploaded(first.artifacts, 'weighin-report-churn-1');
    expect(report).toMatchObject({
      model: 'churn',
      evidence: 'claimed',
      verdict: 'pass',
      source: { repository: 'acme/models', commit: repository.head, pull: 7 },
    });
    expect(report.training?.model.digest).toBe(first.outputs['weighin']?.['model-digest']);
    expect(readdirSync(join(first.artifacts, 'weighin-report-churn-1/churn')).sort()).toEqual([
      'comment.md',
      'junit.xml',
      'report.html',
      'report.json',
    ]);
    // The model and its card leave the runner; rows never do.
    const files = readdirSync(join(first.artifacts, 'weighin-files-churn-1/churn'), { recursive: true, encoding: 'utf8' });
    expect(files).toContain('MODEL_CARD.md');
    expect(files.filter((name) => name.endsWith('.onnx'))).toHaveLength(1);
    expect(files.filter((name) => /\.(parquet|csv)$/.test(name))).toEqual([]);

    expect(github().comments.map(({ user }) => user.login)).toEqual(['github-actions[bot]']);
    expect(github().comments[0]?.body).toContain('<!-- weighin:comment config=weighin.yaml -->');
    expect(github().comments[0]?.body).toContain(repository.head.slice(0, 7));

    writeChurn(repository.folder, { seed: 44 });
    repository.git('commit', '-qam', 'more');
    const second = { ...repository, head: repository.git('rev-parse', 'HEAD') };
    const again = await run({ repository: second, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(second) });
    expect(again.code, again.log).toBe(0);
    expect(github().comments).toHaveLength(1);
    expect(github().comments[0]?.body).toContain(second.head.slice(0, 7));
    expect(github().unknown).toEqual([]);
  });

  it('with broken data is red, with everything that says why', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => writeChurn(folder, { emptyIncome: 0.2 }),
    );
    const { code, outputs, annotations, summaries, artifacts, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail', 'model-digest': '', registered: 'false' });
    expect(readUploaded(artifacts, 'weighin-report-churn-1')).toMatchObject({ verdict: 'fail', blocks: true, training: null });
    expect(summaries.join()).toContain('income');
    expect(
      annotations
        .filter(({ level }) => level === 'error')
        .map(({ message }) => message)
        .join('\n'),
    ).toContain('income');
    expect(github().comments[0]?.body).toMatch(/❌[\s\S]*income/);
  });

  it('of a model below its floor is red, and only advised where the mode says so', async () => {
    const strict = stageRepository(
      (folder) => writeChurn(folder, { min: 0.99 }),
      () => {},
    );
    const red = await run({ repository: strict, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(strict) });
    expect(red.code, red.log).toBe(1);
    expect(red.outputs['weighin']).toMatchObject({ verdict: 'fail', 'model-digest': expect.stringMatching(sha256) });
    const advised = stageRepository(
      (folder) => writeChurn(folder, { min: 0.99, mode: 'advise' }),
      () => {},
    );
    const green = await run({ repository: advised, workflow: 'whole.yml', event: 'pull_request', payload: pullRequest(advised) });
    expect(green.code, green.log).toBe(0);
    expect(green.outputs['weighin']).toMatchObject({ verdict: 'fail' });
  });

  it('of a fork is never red for what it may not read, and says so', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { store: 's3://acme-models/churn' }),
      (folder) => writeChurn(folder, { store: 's3://acme-models/churn', seed: 43 }),
    );
    github().allow('ghs_of_the_fork', actionsBot, { write: false });
    const { code, outputs, annotations, summaries, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository, 'mallory/models'),
      token: 'ghs_of_the_fork',
      env: { AWS_REGION: 'us-east-1', AWS_EC2_METADATA_DISABLED: 'true' },
    });
    expect(code, log).toBe(0);
    expect(outputs['weighin']).toMatchObject({ verdict: 'inconclusive', registered: 'false' });
    expect(summaries.join()).toContain('NO_CREDENTIALS');
    expect(annotations.map(({ title }) => title)).toContain('NO_CREDENTIALS');
    expect(github().requests.filter((route) => !route.startsWith('GET'))).toEqual([]);
  });

  it('of a fork is red for its own broken tests', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder, { test: 'exit 1' }),
      () => {},
    );
    const { code, outputs, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository, 'mallory/models'),
    });
    expect(code, log).toBe(1);
    expect(outputs['weighin']).toMatchObject({ verdict: 'fail' });
  });

  it('with a mistake in the configuration is red at its line', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      (folder) => {
        const file = join(folder, 'weighin.yaml');
        writeFileSync(file, readFileSync(file, 'utf8').replace('training:', 'traning:'));
      },
    );
    const { code, annotations, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
    });
    expect(code, log).toBe(1);
    expect(annotations).toContainEqual(
      expect.objectContaining({ level: 'error', file: 'weighin.yaml', line: '8', message: expect.stringContaining('training') }),
    );
  });

  it('keeps its verdict when GitHub takes no comment', async () => {
    const repository = stageRepository(
      (folder) => writeChurn(folder),
      () => {},
    );
    github().allow('ghs_reads', actionsBot, { write: false });
    const { code, outputs, annotations, log } = await run({
      repository,
      workflow: 'whole.yml',
      event: 'pull_request',
      payload: pullRequest(repository),
      token: 'ghs_reads',
    });
    expect(code, log).toBe(0);
    expect(outputs['weighin']).toMatchObject({ verdict: 'pass' });
    expect(annotations.map(({ message }) => message).join('\n')).toContain('pull-requests: write');
    expect(log).not.toContain('ghs_reads');
  });
});
