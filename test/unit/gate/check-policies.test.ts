import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { checkPolicies } from '../../../shared/gate/check-policies.ts';

async function check(...gates: readonly string[]) {
  const root = await mkdtemp(join(tmpdir(), 'weighin-policies-'));
  try {
    const lines = ['version: 1', 'models:', '  m:', '    task: binary', '    data: {source: a.csv, label: y}'];
    lines.push('    training: {command: train}', '    evaluation:', '      gates:', ...gates.map((gate) => `        - ${gate}`), '');
    await writeFile(join(root, 'weighin.yaml'), lines.join('\n'));
    const loaded = await loadConfig('weighin.yaml', { root });
    return () => checkPolicies(loaded);
  } finally {
    await rm(root, { recursive: true });
  }
}

it('names a metric that is not there, with its place and the nearest', async () => {
  expect(await check('{metric: roc_acu, min: 0.8}')).toThrow(
    expect.objectContaining({
      code: 'GATE_UNKNOWN_METRIC',
      message: expect.stringContaining('Did you mean "roc_auc"?'),
      location: { file: 'weighin.yaml', line: 9, column: 20 },
    }),
  );
  // A metric of another task is near to none of this one's.
  expect(await check('{metric: rmse, max: 1}')).not.toThrow(/Did you mean/);
});

it('finds all that is wrong at once', async () => {
  expect(await check('{metric: roc_acu, min: 0.8}', '{metric: latency_p99, min: 3}', '{metric: recall, min: 80}')).toThrow(
    expect.objectContaining({
      problems: [{ code: 'GATE_UNKNOWN_METRIC' }, { code: 'GATE_BAD_RULE' }, { code: 'GATE_BAD_LIMIT' }].map((problem) =>
        expect.objectContaining(problem),
      ),
    }),
  );
});

it.each([
  ['min: 80', '80 % is written 0.8.'],
  ['min: 1.5', '1.5 % is written 0.015.'],
  ['above: 1', 'can never be met'],
  ['max: 300', 'can never be missed'],
  ['compare: {maxRegression: 5}', 'can never be missed'],
  ['compare: {minImprovement: 2}', 'can never be met'],
])('refuses %s of a share: no candidate could meet it, or miss it', async (rule, says) => {
  expect(await check(`{metric: roc_auc, ${rule}}`)).toThrow(
    expect.objectContaining({ code: 'GATE_BAD_LIMIT', message: expect.stringContaining(says) }),
  );
});

it.each(['min: 1', 'above: 0.99', 'max: 1', 'compare: {maxRegression: auto}', 'compare: {maxRelative: 2}'])('takes %s', async (rule) => {
  expect(await check(`{metric: roc_auc, ${rule}}`, '{metric: log_loss, max: 3}', '{metric: model_bytes, max: 50MB}')).not.toThrow();
});
