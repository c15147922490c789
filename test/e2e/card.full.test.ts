import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { renderCard } from '../../shared/card/render-card.ts';
import { first, hostile, leak, worse } from '../support/reports/reports.ts';

/** Hugging Face's own library reads the card; it opens no connection. `WEIGHIN_PYTHON` names the Python that has it. */
const script = `
import json, sys
from huggingface_hub import ModelCard
card = ModelCard.load(sys.argv[1])
results = card.data.eval_results or []
print(json.dumps({
  "license": card.data.license,
  "pipeline_tag": card.data.pipeline_tag,
  "tags": card.data.tags,
  "heading": [line for line in card.text.splitlines() if line.startswith("# ")][:1],
  "results": [[r.task_type, r.dataset_name, r.dataset_split, r.metric_type, r.metric_value] for r in results],
  "again": len(ModelCard(str(card)).data.eval_results or []),
}))
`;

function load(markdown: string) {
  const folder = mkdtempSync(join(tmpdir(), 'weighin-card-'));
  try {
    const file = join(folder, 'MODEL_CARD.md');
    writeFileSync(file, markdown);
    const out = execFileSync(process.env['WEIGHIN_PYTHON'] ?? 'python3', ['-c', script, file], {
      encoding: 'utf8',
      env: { ...process.env, HF_HUB_OFFLINE: '1', HF_HOME: folder },
    });
    return JSON.parse(out);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const card = { template: 'default', require: [], owners: ['growth-ml'], license: 'apache-2.0' };

it('the Hub’s library reads the card and every overall metric of it', () => {
  const read = load(renderCard({ ...worse(), version: 3 }, card, {}).markdown);
  expect(read).toMatchObject({ license: 'apache-2.0', pipeline_tag: 'tabular-classification', heading: ['# Model Card: churn v3'] });
  expect(read.results).toHaveLength(9);
  expect(read.results).toContainEqual(['tabular-classification', 'data/customers.parquet', 'test', 'roc_auc', 0.853]);
  expect(read.again).toBe(9);
});

it('reads the card of a first model, of one that was never trained, and of hostile names', () => {
  expect(load(renderCard({ ...first(), version: 1 }, card, {}).markdown).results).toHaveLength(8);
  expect(load(renderCard({ ...leak(), version: null }, card, {}).markdown).results).toEqual([]);
  expect(load(renderCard({ ...hostile(), version: null }, card, {}).markdown).results).toHaveLength(1);
});
