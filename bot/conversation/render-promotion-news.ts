import type { Person } from '../../shared/promotion/forge.ts';
import type { Condition, PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { formatMany, shortCommit } from '../../shared/words/format-number.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { conditionList } from './condition-words.ts';
import { rolloutWords } from './rollout-words.ts';

const named = (model: string, number: number | undefined, stage: string) =>
  code(`${model}${number === undefined ? '' : `@v${number}`} ${stage}`);
const text = (parts: readonly (Markdown | null)[]) =>
  `${
    joinMarkdown(
      parts.filter((part) => part !== null),
      '\n\n',
    ).markdown
  }\n`;

/** On the promotion's pull request, when its merge took effect. */
export function renderStarted(
  facts: Pick<PromotionFacts, 'model' | 'stage' | 'generation' | 'version' | 'main' | 'config'>,
  { merge, tag }: { readonly merge: string; readonly tag: string },
): string {
  const { model, stage, generation, version, config } = facts;
  const rollout = config.models[model]?.stages[stage]?.rollout;
  const begins = rollout === undefined ? md`There is no rollout: the stage moved with the merge.` : rolloutWords(config, model, stage);
  return text([
    md`### 🚀 ${named(model, version?.record.number, stage)} started`,
    md`Every condition held again at ${code(shortCommit(merge))}; tagged ${code(tag)}, generation ${generation}.`,
    begins,
    md`**Next:** ${code(`/weighin status ${model}`)} shows how it goes; ${code(`/rollback ${model} ${stage}`)} takes it back at once.`,
  ]);
}

/** On the promotion's pull request, when a merge did not start: a merge is intent, not effect. */
export function renderRefusedAtStart(
  { model, stage, version, main }: Pick<PromotionFacts, 'model' | 'stage' | 'version' | 'main'>,
  unmet: readonly Condition[],
  { reverts }: { readonly reverts: boolean },
): string {
  const before = main?.previous ? `v${main.previous.number}` : 'what ran before';
  return text([
    md`### ❌ ${named(model, version?.record.number, stage)} was merged and not started`,
    md`**REFUSED_AT_START** Something no longer held at the merge: ${before} goes on running, and ${version ? md`v${version.record.number}` : 'it'} is held in ${code(stage)}.`,
    conditionList(unmet),
    md`**Next:** ${reverts && md`merge the pull request that follows and takes the stage file back; then `}${code(`/weighin unhold ${model} ${stage}`)}, and ask anew with ${code('/promote')}.`,
  ]);
}

export interface RolledBack {
  readonly model: string;
  readonly stage: string;
  readonly from: number;
  readonly to: number;
  readonly by: Person;
  readonly reason: string | null;
  /** The pull request that records it on the default branch. */
  readonly pull: number | null;
}

export const rollbackMarker = (model: string, stage: string, generation: number) =>
  `<!-- weighin:rollback ${model}.${stage}.${generation} -->`;

/** The issue that a rollback leaves, so that somebody finds out why. */
export function renderRollbackIssue(
  rollback: RolledBack & { readonly generation: number; readonly at: string; readonly unmet?: readonly Condition[] },
): { readonly title: string; readonly body: string } {
  const { model, stage, from, to, by, reason, pull, generation, at } = rollback;
  return {
    title: `${model} v${from} was rolled back in ${stage}`,
    body: text([
      { markdown: rollbackMarker(model, stage, generation) },
      md`${named(model, from, stage)} was taken back to v${to} on ${code(at)} by ${code(clipText(by.login, 60))}.`,
      reason === null || reason === '' ? null : md`**Reason:** ${clipText(reason, 500)}`,
      rollback.unmet && rollback.unmet.length > 0
        ? md`${formatMany(rollback.unmet.length, 'condition')} did not hold:\n\n${conditionList(rollback.unmet)}`
        : null,
      md`- [ ] find out what v${from} did\n- [ ] ${pull === null ? 'review the pull request that records it' : `review pull request ${pull}, which records it`}\n- [ ] ${code(`/weighin unhold ${model} ${stage}`)}, or leave v${from} held`,
    ]),
  };
}
