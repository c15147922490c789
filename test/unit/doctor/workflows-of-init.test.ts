import { expect, it } from 'vitest';
import { composeBotWorkflow, composeWeighWorkflow } from '../../../cli/init/bot-workflows.ts';
import { composeWorkflow } from '../../../cli/init/compose-files.ts';
import { readWorkflow } from '../../../shared/adapters/github-doctor/read-workflow.ts';
import { checkEnvironments } from '../../../shared/doctor/check-environments.ts';
import { checkWorkflows } from '../../../shared/doctor/check-workflows.ts';
import { healthyFacts } from './healthy-facts.ts';

it('is content with what init writes', () => {
  const composition = {
    model: 'churn',
    source: 'd.csv',
    contract: 'contracts/churn.odcs.yaml',
    columns: {} as never,
    project: {} as never,
    defaultBranch: 'main',
    within: '',
    configName: 'weighin.yaml',
    version: '0.1.0',
  };
  const healthy = healthyFacts();
  const workflows = new Map([
    ['.github/workflows/weighin.yml', readWorkflow(composeWorkflow(composition))],
    ['.github/workflows/weighin-weigh.yml', readWorkflow(composeWeighWorkflow(composition))],
    ['.github/workflows/weighin-bot.yml', readWorkflow(composeBotWorkflow(composition))],
  ]);
  const facts = { ...healthy, checkout: { ...healthy.checkout, workflows } };
  expect(checkWorkflows(facts).map(({ code }) => code)).toEqual(['WORKFLOW', 'WORKFLOW', 'WORKFLOW']);
  expect(checkEnvironments(facts).map(({ says }) => says)).toEqual(
    ['weighin-data', 'weighin-store', 'weighin-bot'].map((name) => `Environment ${name}: \`main\` alone.`),
  );
});
