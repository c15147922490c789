import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { spec } from '../../../actions/weigh/spec.ts';
import { composeBotWorkflow, composeReviewRelay, composeWeighWorkflow } from '../../../cli/init/bot-workflows.ts';
import type { ProjectSetup } from '../../../cli/init/find-python.ts';
import { evaluationPredicateType } from '../../../shared/attestation/statement.ts';
import { botWorkflow, claimWorkflow, evidenceArtifact, weighDispatch, weighWorkflow } from '../../../shared/promotion/evidence-document.ts';

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly id?: string;
  readonly with?: Readonly<Record<string, string>>;
}
interface Job {
  readonly permissions: Readonly<Record<string, string>>;
  readonly environment?: string;
  readonly needs?: string | readonly string[];
  readonly steps: readonly Step[];
}
const project: ProjectSetup = {
  tool: 'pip',
  setup: undefined,
  python: 'python',
  train: 'train.py',
  trainKnowsWeighin: true,
  predict: undefined,
  pickle: undefined,
  onnx: undefined,
};
const given = { within: '', configName: 'weighin.yaml', project, defaultBranch: 'main', version: '1.2.3' };
const text = composeWeighWorkflow(given);
const read = (workflow: string) =>
  parse(workflow) as { name: string; on: Record<string, unknown>; permissions: unknown; jobs: Record<string, Job> };
const weigh = read(text);
const workflows = [text, composeBotWorkflow(given), composeReviewRelay()];

it('gives each job of the weigh run what it needs and no more', () => {
  expect(weigh.permissions).toEqual({});
  expect(
    Object.fromEntries(Object.entries(weigh.jobs).map(([name, { permissions, environment = null }]) => [name, [permissions, environment]])),
  ).toEqual({
    resolve: [{ actions: 'read', contents: 'read', 'pull-requests': 'read' }, null],
    rows: [{ contents: 'read' }, 'weighin-data'],
    predict: [{}, null],
    judge: [{ contents: 'read' }, 'weighin-data'],
    attest: [{ contents: 'write', 'id-token': 'write', attestations: 'write' }, 'weighin-store'],
  });
});

it('starts after the workflow of pull requests, and by the bot’s request', () => {
  expect(weigh.on).toEqual({
    workflow_run: { workflows: ['weighin'], types: ['completed'] },
    repository_dispatch: { types: [weighDispatch] },
  });
  expect(['weighin', weigh.name, read(composeBotWorkflow(given)).name].map((name) => `.github/workflows/${name}.yml`)).toEqual([
    claimWorkflow,
    weighWorkflow,
    botWorkflow,
  ]);
});

it('checks out nothing, keeps no cache, and runs no script that an expression could write', () => {
  for (const workflow of workflows) {
    expect(workflow).not.toMatch(/actions\/(?:checkout|cache)@/);
    for (const { steps } of Object.values(read(workflow).jobs)) for (const { run = '' } of steps) expect(run).not.toContain(`\${{`);
  }
});

it('pins what it uses: GitHub’s actions to commits, Weighin to the version that wrote it', () => {
  const uses = workflows.flatMap((workflow) =>
    Object.values(read(workflow).jobs).flatMap(({ steps }) => steps.flatMap(({ uses = [] }) => uses)),
  );
  for (const used of uses) expect(used).toMatch(/^actions\/[\w-]+@[0-9a-f]{40}$|^weighin\/weighin\/actions\/(?:weigh|bot)@v1\.2\.3$/);
  expect(text.match(/@[0-9a-f]{40}(?! # v\d)/g)).toBeNull();
});

it('goes through every step of the action, with inputs that it has, and hands the task on by its digest', () => {
  const steps = Object.values(weigh.jobs).flatMap((job) => job.steps.filter(({ uses }) => uses?.startsWith('weighin/')));
  expect(steps.map((step) => step.with?.['step'])).toEqual(spec.inputs.step.values);
  for (const step of steps) expect(Object.keys(spec.inputs)).toEqual(expect.arrayContaining(Object.keys(step.with ?? {})));
  for (const step of steps)
    if (step.with?.['step'] !== 'resolve' && step.with?.['step'] !== 'predict')
      expect(step.with?.['task']).toBe(`\${{ fromJSON(needs.resolve.outputs.tasks)[matrix.model] }}`);
});

it('lets the judge see nothing of the job with the model but its answers', () => {
  const names = (job: string) =>
    weigh.jobs[job]?.steps.filter(({ uses }) => uses?.includes('download-artifact')).map((step) => step.with?.['name']);
  expect(names('predict')).toEqual([`weighin-rows-\${{ matrix.model }}`]);
  expect(names('judge')).toEqual([
    'weighin-tasks',
    `weighin-predictions-\${{ matrix.model }}-candidate`,
    `weighin-predictions-\${{ matrix.model }}-baseline`,
  ]);
  expect(names('attest')).toEqual(['weighin-tasks', `weighin-judged-\${{ matrix.model }}`]);
});

it('signs the evaluation, and names the evidence as its reader does', () => {
  const { steps = [] } = weigh.jobs['attest'] ?? {};
  expect(steps.find(({ uses }) => uses?.startsWith('actions/attest@'))?.with).toMatchObject({ 'predicate-type': evaluationPredicateType });
  expect(steps.at(-1)?.with?.['name']).toBe(evidenceArtifact(`\${{ matrix.model }}`, 1).replace(/1$/, `\${{ github.run_attempt }}`));
});

it('names the configuration where it is not at the top, and brings Python where a command predicts', () => {
  const other = read(
    composeWeighWorkflow({ ...given, within: 'teams/a', configName: 'x.yaml', project: { ...project, predict: 'predict.py' } }),
  );
  const weighs = Object.values(other.jobs).flatMap(({ steps }) => steps.filter(({ uses }) => uses?.startsWith('weighin/')));
  for (const { with: inputs = {} } of weighs) if (inputs['step'] !== 'predict') expect(inputs['config']).toBe('teams/a/x.yaml');
  expect(other.jobs['predict']?.steps.some(({ uses }) => uses?.startsWith('actions/setup-python@'))).toBe(true);
  expect(text).not.toContain('setup-python');
});

it('gives the relay of reviews nothing, and the bot one run at a time', () => {
  expect(read(composeReviewRelay()).jobs['relay']?.permissions).toEqual({});
  const bot = read(composeBotWorkflow(given)) as ReturnType<typeof read> & { concurrency: unknown };
  expect(bot.concurrency).toEqual({ group: 'weighin-bot', 'cancel-in-progress': false });
  expect(bot.jobs['look']?.environment).toBe('weighin-bot');
  expect(Object.keys(bot.jobs['look']?.permissions ?? {})).not.toContain('id-token');
});
