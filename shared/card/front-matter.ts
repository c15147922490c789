import { stringify } from 'yaml';
import { visibleText } from '../words/visible-text.ts';
import type { CardConfig, CardFacts } from './card-facts.ts';

/** The Hub's words for our tasks. */
const tasks: Readonly<Record<string, string>> = {
  binary: 'tabular-classification',
  multiclass: 'tabular-classification',
  regression: 'tabular-regression',
};

/** Metadata of a card as the Hugging Face Hub reads it, `model-index` with the overall metrics included: YAML between `---` lines. */
export function frontMatter(facts: CardFacts, card: CardConfig): string {
  const task = tasks[facts.task] ?? 'other';
  const metrics = (facts.evaluation?.metrics ?? []).filter(({ slice, value }) => slice === null && value !== null);
  const { dataset, training } = facts;
  const source = dataset?.inputs[0]?.source;
  const results =
    metrics.length === 0
      ? []
      : [
          {
            task: { type: task, name: facts.task },
            dataset: {
              type: slug(source ?? facts.model),
              name: visibleText(source ?? 'test set'),
              split: 'test',
              ...(dataset ? { revision: dataset.version } : {}),
            },
            metrics: metrics.map(({ name, value, interval, baseline }) => ({
              type: visibleText(name),
              value,
              name: visibleText(name),
              // The interval is the value's own only where nothing was compared.
              ...(interval && baseline === null
                ? { args: { interval_low: interval.low, interval_high: interval.high, level: interval.level, method: interval.method } }
                : {}),
            })),
          },
        ];
  const data = {
    ...(card.license ? { license: card.license } : {}),
    ...(training?.model.format === 'onnx' ? { library_name: 'onnx' } : {}),
    pipeline_tag: task,
    tags: ['weighin', 'tabular', facts.task],
    ...(metrics.length > 0 ? { metrics: metrics.map(({ name }) => visibleText(name)) } : {}),
    ...(results.length > 0 ? { 'model-index': [{ name: facts.model, results }] } : {}),
  };
  // Strings are quoted where YAML 1.1, which Python reads, would take them for something else.
  return `---\n${stringify(data, { version: '1.1', lineWidth: 0 })}---\n`;
}

const slug = (source: string) =>
  visibleText(source)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80) || 'data';
