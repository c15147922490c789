import type { Config } from '../../shared/config/schema.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';

/** How the stage gets to its next version: the steps as a table, or that it moves with the merge. */
export function rolloutWords(config: Config, model: string, stage: string): Markdown {
  const name = config.models[model]?.stages[stage]?.rollout;
  const rollout = name === undefined ? undefined : config.rollouts?.[name];
  if (name === undefined || !rollout) return md`**Rollout:** no rollout: the stage moves at merge.`;
  const guard = rollout.guard ? md`, guarded by ${code(rollout.guard.driver)} at least every ${rollout.guard.maxSilence}` : null;
  const head = md`**Rollout:** ${code(name)}, ${rollout.strategy}${guard}.`;
  const steps = rollout.steps ?? [];
  const watched = (rollout.metrics ?? []).map((metric) => {
    const limits = [
      metric.max !== undefined && `at most ${metric.max}`,
      metric.hardMax !== undefined && `never above ${metric.hardMax}`,
      metric.minRatio !== undefined && `stops at ${metric.minRatio} times stable's`,
    ].filter((limit) => limit !== false);
    return md`${code(clipText(metric.name, 60))}${limits.length > 0 && ` ${limits.join(', ')}`}`;
  });
  const table =
    steps.length === 0
      ? []
      : [
          md``,
          md`| step | ${joinMarkdown(
            steps.map((_, index) => md`${index + 1}`),
            ' | ',
          )} |`,
          { markdown: `|:--|${'--:|'.repeat(steps.length)}` },
          md`| share of traffic | ${joinMarkdown(
            steps.map(({ weight }) => md`${weight} %`),
            ' | ',
          )} |`,
          md`| held for | ${joinMarkdown(
            steps.map(({ hold }) => md`${hold}`),
            ' | ',
          )} |`,
        ];
  return joinMarkdown([head, ...(watched.length > 0 ? [md`Watched: ${joinMarkdown(watched, '; ')}.`] : []), ...table], '\n');
}
