import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { pinned } from '../../cli/init/bot-workflows.ts';
import { loadConfig } from '../../shared/config/load-config.ts';
import { renderAlertRules } from '../../shared/monitoring/alert-rules.ts';
import { renderDashboard } from '../../shared/monitoring/dashboard.ts';
import { metricSpecs } from '../../shared/monitoring/metric-specs.ts';
import { monitoredModels } from '../../shared/monitoring/monitored-model.ts';
import { monitorWorkflow } from '../../shared/promotion/evidence-document.ts';

const folder = join(import.meta.dirname, '../../examples/monitoring');
const models = async () => monitoredModels((await loadConfig('weighin.yaml', { root: folder })).config);

/** `npx vitest run test/contract/monitoring-example.test.ts -u` writes them anew. */
it('shows the dashboard and the rules as they are generated', async () => {
  await expect(renderDashboard(await models())).toMatchFileSnapshot(join(folder, 'dashboard.json'));
  await expect(renderAlertRules(await models())).toMatchFileSnapshot(join(folder, 'alerts.yaml'));
});

it('has the workflow where the bot looks for it, with what it needs and no more', () => {
  const text = readFileSync(join(folder, monitorWorkflow), 'utf8');
  const workflow = parse(text) as {
    name: string;
    on: object;
    permissions: object;
    jobs: { monitor: { permissions: object; steps: { uses?: string; with?: Record<string, string> }[] } };
  };
  expect(workflow.name).toBe('weighin-monitor');
  expect(Object.keys(workflow.on)).toEqual(['schedule', 'workflow_dispatch']);
  expect(workflow.permissions).toEqual({});
  expect(workflow.jobs.monitor.permissions).toEqual({ contents: 'write' });
  expect(text).toContain(pinned.checkout);
  const spec = parse(readFileSync(join(folder, '../../actions/detect-drift/action.yml'), 'utf8')) as { inputs: object };
  for (const { uses, with: inputs } of workflow.jobs.monitor.steps)
    if (uses?.includes('detect-drift')) expect(Object.keys(spec.inputs)).toEqual(expect.arrayContaining(Object.keys(inputs ?? {})));
});

it('asks for no metric that no page has', async () => {
  const text = renderDashboard(await models()) + renderAlertRules(await models());
  const asked = [...new Set(text.match(/weighin_\w+/g))].filter((name) => name !== 'weighin_yaml');
  expect(asked.filter((name) => !(name in metricSpecs))).toEqual([]);
  // And shows all that a page says, but the limits of a label and what an alert alone needs.
  const unshown = Object.keys(metricSpecs).filter((name) => !asked.includes(name));
  expect(unshown).toEqual(['weighin_version_info', 'weighin_window_start_timestamp_seconds', 'weighin_retrain_wanted']);
});
