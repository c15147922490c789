import { rolloutDispatch } from '../../shared/promotion/evidence-document.ts';
import type { Deployment } from '../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import type { PromotionFacts } from '../../shared/promotion/promotion-facts.ts';
import { promotionId, promotionTag } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { sayOnce } from '../conversation/keep-one-comment.ts';
import { renderStarted } from '../conversation/render-promotion-news.ts';
import { deploymentsOf, keepOneDeployment } from './keep-one-deployment.ts';

type Effect = LiveDocument['effects'][number];

/** What a start does outside of the state branch. Each is keyed by the promotion, so that it can be looked for. */
export function wantedEffects({ model, stage, generation, pull }: PromotionFacts, phase: LiveDocument['phase']): Effect[] {
  const id = promotionId(model, stage, generation);
  // A return to what runs already has a rollout by policy, and nothing to roll out.
  const kinds = ['tag', 'deployment', ...(phase === 'pending' ? ['hand-over'] : []), ...(pull ? ['comment'] : [])];
  return kinds.map((kind) => ({ key: `${id}/${kind}`, kind, state: 'wanted' }));
}

/** `churn/production`. */
export const environmentOf = ({ model, stage }: { readonly model: string; readonly stage: string }) => `${model}/${stage}`;
export const deploymentOf = (deployments: readonly Deployment[], rolloutId: string | null) => deploymentsOf(deployments, rolloutId)[0];

/**
 * Does what a started promotion wants done. `fresh`: nobody can have done any of it yet. `again`: a process before may have been killed
 * anywhere, so each is looked for first. The deployment's number, for the live state.
 */
export async function settleStart(
  context: BotContext,
  facts: PromotionFacts,
  live: LiveDocument,
  commit: string,
  mode: 'fresh' | 'again',
): Promise<{ readonly deployment: number | null }> {
  const { forge } = context;
  const { model, stage, generation } = facts;
  const kinds = new Set(live.effects.filter(({ state }) => state === 'wanted').map(({ kind }) => kind));
  const tag = promotionTag(model, stage, generation);
  const subject = `${model}@v${facts.main?.version.number ?? '?'}`;
  if (kinds.has('tag')) await forge.git.createTag(tag, commit, `${subject} ${stage}`);
  let deployment: number | null = live.deployment?.id ?? null;
  if (kinds.has('deployment')) {
    const environment = environmentOf(facts);
    const payload = { schema: 'weighin/rollout@1', rolloutId: live.rolloutId, planDigest: live.plan };
    const wanted = { ref: commit, environment, description: subject, payload };
    const made =
      mode === 'again'
        ? await keepOneDeployment(forge, wanted, await forge.deployments.list(environment))
        : { id: await forge.deployments.create(wanted), state: null };
    deployment = made.id;
    if (live.phase === 'succeeded' && made.state !== 'success')
      await forge.deployments.setState(deployment, 'success', `${subject} runs at ${stage}`);
  }
  if (kinds.has('hand-over'))
    await forge.actions.dispatch(rolloutDispatch, { schema: 'weighin/rollout@1', rolloutId: live.rolloutId, planDigest: live.plan });
  const number = facts.pull?.snapshot.number;
  if (kinds.has('comment') && number !== undefined) {
    const marker = `<!-- weighin:started ${promotionId(model, stage, generation)} -->`;
    const text = renderStarted(facts, { merge: commit, tag });
    if (mode === 'fresh') await forge.comments.create(number, `${marker}\n${text}`);
    else await sayOnce(forge, number, marker, text);
  }
  return { deployment };
}
