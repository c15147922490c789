import type { Retraining, WatchDocument } from '../../shared/monitoring/watch-document.ts';
import { retrainDispatch } from '../../shared/promotion/evidence-document.ts';
import type { BotContext } from '../bot-context.ts';

/** A claim that nobody carried out within this time was left by a bot that died. */
const abandoned = 2 * 60_000;

/**
 * The claims that must be dispatched now: one that this process has just written, and those that a killed one left, unless a run of the
 * workflow shows that it was dispatched after all.
 */
export async function claimsToDispatch(
  { forge }: BotContext,
  { retrainings }: WatchDocument,
  claimed: Retraining | null,
  workflow: string,
): Promise<{ readonly dispatch: readonly Retraining[]; readonly done: readonly Retraining[] }> {
  const open = retrainings.filter(({ state }) => state === 'claimed');
  const fresh = open.filter(({ key }) => key === claimed?.key);
  const now = (await forge.now()).getTime();
  const left = open.filter(({ key, at }) => key !== claimed?.key && now - Date.parse(at) > abandoned);
  if (left.length === 0) return { dispatch: fresh, done: [] };
  const runs = await forge.actions.runs({ workflow: `.github/workflows/${workflow}`, event: 'repository_dispatch' });
  const wasDispatched = ({ at }: Retraining) => runs.some(({ createdAt }) => Date.parse(createdAt) >= Date.parse(at));
  return { dispatch: [...fresh, ...left.filter((one) => !wasDispatched(one))], done: left.filter(wasDispatched) };
}

/** `repository_dispatch`, which needs no permission for workflows: the one that `retrain.workflow` names listens to it. */
export const dispatchRetraining = (
  { forge }: BotContext,
  { model, stage }: Pick<WatchDocument, 'model' | 'stage'>,
  { key, cause, reason }: Retraining,
  workflow: string,
): Promise<void> => forge.actions.dispatch(retrainDispatch, { schema: 'weighin/retrain@1', model, stage, workflow, key, cause, reason });
