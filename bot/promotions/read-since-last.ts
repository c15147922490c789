import type { Config } from '../../shared/config/schema.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { promotionTag } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { differences, type PolicyChange } from '../conversation/policy-changes.ts';
import { readTagged } from '../state/known-versions.ts';
import { policyFile, readPolicy } from '../state/read-policy.ts';

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
export async function readSinceLast({ forge }: BotContext, facts: PromotionFacts): Promise<SinceLast> {
  const { config, model, stage, main, mainMergedAs = null } = facts;
  if (!main) return { policyChanges: [], cardDiff: null };
  const tag = promotionTag(model, stage, main.generation);
  const then = await readTagged(forge, { tag, commit: mainMergedAs, path: policyFile });
  const before = then === null ? null : (await readPolicy(forge, mainMergedAs ?? tag, then)).config;
  if (!before) return { policyChanges: [], cardDiff: null };
  const changes = differences(policyOf(before, model, stage), policyOf(config, model, stage));
  const cards = differences(before.models[model]?.card ?? {}, config.models[model]?.card ?? {});
  const pulls = changes.length === 0 || mainMergedAs === null ? null : await pullsOfKeys(forge, facts, mainMergedAs);
  return {
    policyChanges: changes.map((change) => ({ ...change, pull: pulls?.get(change.key) ?? null })),
    cardDiff:
      cards.length === 0
        ? null
        : cards.map(({ key, before: old, after }) => `${key}: ${old ?? 'nothing'} → ${after ?? 'nothing'}`).join('\n'),
  };
}

/** Changes of the configuration that are looked at one by one; of more nobody is named. */
const mostCommits = 20;

/** By key, the pull request whose commit changed it last: a later one that changed something else is not its author. */
async function pullsOfKeys(
  forge: Forge,
  { model, stage, mainHead }: Pick<PromotionFacts, 'model' | 'stage' | 'mainHead'>,
  since: string,
): Promise<ReadonlyMap<string, number | null>> {
  const [now, then] = await Promise.all([forge.git.history(mainHead, policyFile), forge.git.history(since, policyFile)]);
  const old = new Set(then.map(({ oid }) => oid));
  const newer = now.filter(({ oid }) => !old.has(oid));
  const found = new Map<string, number | null>();
  if (newer.length > mostCommits) return found;
  const commits = [since, ...newer.map(({ oid }) => oid).reverse()];
  const texts = await forge.git.read(commits.map((ref) => ({ ref, paths: [policyFile] })));
  const policies = await Promise.all(
    commits.map((commit, index) => readPolicy(forge, commit, texts[index]?.files.get(policyFile) ?? null)),
  );
  const said = policies.map(({ config }) => config && policyOf(config, model, stage));
  for (const [index, { message }] of newer.toReversed().entries()) {
    const number = Number(/\(#(\d+)\)$/.exec(message.split('\n')[0] ?? '')?.[1] ?? Number.NaN);
    for (const { key } of differences(said[index], said[index + 1])) found.set(key, Number.isInteger(number) ? number : null);
  }
  return found;
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
