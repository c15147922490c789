import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { CardConfig } from '../../../shared/card/card-facts.ts';
import { cardGate } from '../../../shared/card/card-gate.ts';
import { cardProse } from '../../../shared/card/card-prose.ts';
import { missingSections } from '../../../shared/card/missing-sections.ts';
import { renderCard } from '../../../shared/card/render-card.ts';
import { splitMethod } from '../../../shared/card/split-method.ts';
import { gateResultSchema } from '../../../shared/evaluation/evaluation-result.ts';
import { failedTraining, first, hostile, huge, worse } from '../../support/reports/reports.ts';

const card = (given: Partial<CardConfig> = {}): CardConfig => ({
  template: 'default',
  require: [],
  owners: ['growth-ml', '@acme/ml'],
  license: 'apache-2.0',
  ...given,
});
const texts = {
  intendedUse: 'Rank customers by risk.',
  users: 'The retention team.',
  limitations: 'Islands are rare.\n\n# Known gaps\n- none',
};
const front = (markdown: string) => parse(/^---\n([\s\S]*?)\n---\n/.exec(markdown)?.[1] ?? '', { version: '1.1' });

describe('the card', () => {
  const { markdown } = renderCard({ ...worse(), version: null }, card(), texts);

  it('is what it was', async () => {
    await expect(markdown).toMatchFileSnapshot('golden/candidate.md');
    await expect(renderCard({ ...first(), version: 1, description: 'Who leaves next month?' }, card(), {}).markdown).toMatchFileSnapshot(
      'golden/version.md',
    );
  });

  it('has the sections that readers of cards look for', () => {
    const headings = markdown.split('\n').filter((line) => /^##? /.test(line));
    expect(headings).toEqual([
      '# Model Card: churn candidate',
      '## Model Details',
      '## Intended Use',
      '## Training Data',
      '## Evaluation',
      '## Limitations',
      '## Ethical Considerations',
      '## Lineage',
      '## Verdict',
    ]);
    for (const bullet of ['Developer', 'Date', 'Version', 'Type', 'Primary use', 'Users', 'Out of scope', 'Source', 'Size', 'Split'])
      expect(markdown).toMatch(new RegExp(`^- \\*\\*${bullet}:\\*\\* \\S`, 'm'));
  });

  it('is titled by its version once there is one', () => {
    expect(renderCard({ ...worse(), version: 12 }, card(), texts).markdown).toContain('# Model Card: churn v12\n');
  });

  it('says what nobody wrote, and keeps the evidence it has', () => {
    expect(markdown).toContain('- **Out of scope:** *not stated*');
    expect(markdown).toContain('Evidence: evaluated by region (5 slices)');
  });

  it('has metadata that the Hub reads, the metrics of all rows among it', () => {
    const data = front(markdown);
    expect(data).toMatchObject({ license: 'apache-2.0', library_name: 'onnx', pipeline_tag: 'tabular-classification' });
    const [result] = data['model-index'][0].results;
    expect(data['model-index'][0].name).toBe('churn');
    expect(result.task.type).toBe('tabular-classification');
    expect(result.dataset).toMatchObject({ name: 'data/customers.parquet', type: 'data-customers-parquet', split: 'test' });
    expect(result.metrics).toContainEqual({ type: 'roc_auc', value: 0.853, name: 'roc_auc' });
    expect(result.metrics.filter(({ type }: { type: string }) => type === 'recall')).toHaveLength(1);
  });

  it('gives an interval in the metadata only where it is the value’s own', () => {
    const [result] = front(renderCard({ ...first(), version: 1 }, card(), texts).markdown)['model-index'][0].results;
    expect(result.metrics[0].args).toMatchObject({ level: 0.9, method: 'wilson' });
  });

  it('can be written for a run that evaluated nothing', () => {
    const { markdown: text } = renderCard({ ...failedTraining(), version: null }, card(), {});
    expect(text).toContain('The model was not evaluated.');
    expect(front(text)['model-index']).toBeUndefined();
  });

  it('lets no name act: neither in Markdown nor in the metadata', () => {
    const { markdown: text } = renderCard({ ...hostile(), version: null }, card(), {});
    const body = text
      .slice(text.indexOf('\n---\n') + 5)
      .replace(/<\/?code>/g, '')
      .replaceAll('\\\\', '');
    expect(body).not.toMatch(/[<>]|@team|https:\/\/evil|(?<!\\)\]\(/);
    expect(body).not.toMatch(/\p{Cf}/u);
    expect(front(text)['model-index'][0].results[0].metrics[0].type).toMatch(/^<script>.*⟨U\+202E⟩/);
  });

  it('cuts what nobody reads, and says so', () => {
    const { markdown: text } = renderCard({ ...huge(), version: null }, card(), {});
    expect(text.length).toBeLessThan(100_000);
    expect(text).toContain('9,880 rows more in report.json.');
  });
});

describe('a person’s text', () => {
  it('keeps its Markdown below the card’s own headings, without HTML', () => {
    expect(cardProse('# A\ntext **b** <img src=x>\n```html\n# <b>\n```\n---\nend\u202e').markdown).toBe(
      '### A\ntext **b** &lt;img src=x>\n```html\n# <b>\n```\n\nend',
    );
  });

  it('cannot swallow the rest with a fence that it does not close', () => {
    expect(cardProse('```\nopen').markdown).toBe('```\nopen\n```');
  });
});

it.each([
  [{ asked: { split: { by: 'stratified', seed: 42 } } }, 'stratified, seed 42'],
  [{ split: { by: 'time', seed: 42 } }, 'time'],
  [{ asked: {} }, null],
  [{ split: 'x' }, null],
])('says how the rows were parted: %o', (recipe, said) => {
  expect(splitMethod({ recipe })).toBe(said);
});

describe('what is missing', () => {
  it('are intended use and limitations, and all that the policy asks for', () => {
    expect(missingSections(card(), {})).toEqual(['intendedUse', 'limitations']);
    expect(missingSections(card({ require: ['users', 'owners', 'license'], owners: [], license: ' ' }), { ...texts, users: '\n' })).toEqual(
      ['users', 'owners', 'license'],
    );
    expect(missingSections(card({ require: ['users'] }), texts)).toEqual([]);
  });

  it('fails the gate only where it is required', () => {
    expect(cardGate(['limitations'], [])).toBeNull();
    expect(cardGate(['limitations'], ['users'])).toMatchObject({ status: 'pass', reason: 'GATE_PASSED' });
    const failed = cardGate(['limitations', 'ethics'], ['limitations', 'ethics']);
    expect(gateResultSchema.parse(failed)).toMatchObject({ kind: 'card', status: 'fail', reason: 'CARD_INCOMPLETE' });
    expect(failed?.message).toContain('limitations, ethical considerations');
  });
});
