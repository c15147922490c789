import type { Config } from '../../shared/config/schema.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { promotionTag } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { differences, type PolicyChange } from '../conversation/policy-changes.ts';
import { policyFile, readPolicy } from '../policy.ts';
import { readTagged } from '../state/known-versions.ts';

/** A key of the policy that is another one than when the stage was promoted to last. */
export interface DatedChange extends PolicyChange {
  /** The pull request that brought it, where the commit's headline names one. */
  readonly pull: number | null;
}

export interface SinceLast {
  readonly policyChanges: readonly DatedChange[];
  /** What the card says otherwise, a Markdown-free line each; null where nothing does. */
  readonly cardDiff: string | null;
}

/** What a reviewer would otherwise have to look up: how the rules and the card moved since this stage's last promotion. */
export async function readSinceLast(
  { forge }: BotContext,
  { config, model, stage, main, mainMergedAs = null }: PromotionFacts,
): Promise<SinceLast> {
  if (!main) return { policyChanges: [], cardDiff: null };
  const tag = promotionTag(model, stage, main.generation);
  const then = await readTagged(forge, { tag, commit: mainMergedAs, path: policyFile });
  const before = then === null ? null : (await readPolicy(forge, mainMergedAs ?? tag, then)).config;
  if (!before) return { policyChanges: [], cardDiff: null };
  const changes = differences(policyOf(before, model, stage), policyOf(config, model, stage));
  const cards = differences(before.models[model]?.card ?? {}, config.models[model]?.card ?? {});
  const pull = changes.length === 0 ? null : await pullOfNewest(forge);
  return {
    policyChanges: changes.map((change) => ({ ...change, pull })),
    cardDiff:
      cards.length === 0
        ? null
        : cards.map(({ key, before: old, after }) => `${key}: ${old ?? 'nothing'} → ${after ?? 'nothing'}`).join('\n'),
  };
}

/** As the headline of the newest change of the configuration names it. */
async function pullOfNewest(forge: Forge): Promise<number | null> {
  const [newest] = await forge.git.history(forge.repository.defaultBranch, policyFile);
  const number = Number(/\(#(\d+)\)$/.exec(newest?.message.split('\n')[0] ?? '')?.[1] ?? Number.NaN);
  return Number.isInteger(number) ? number : null;
}

/** What decides about this stage of this model, and nothing else. */
function policyOf(config: Config, model: string, stage: string): unknown {
  const declared = config.models[model];
  const rollout = declared?.stages[stage]?.rollout;
  return {
    mode: config.mode,
    split: declared?.data?.split,
    evaluation: declared?.evaluation,
    card: { require: declared?.card.require },
    stage: declared?.stages[stage],
    rollout: rollout === undefined ? undefined : config.rollouts?.[rollout],
  };
}
