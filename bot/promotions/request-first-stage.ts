import type { Person } from '../../shared/promotion/forge.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { requestPromotion } from '../../shared/promotion/request-promotion.ts';
import type { VersionRecord } from '../../shared/registry/version-record.ts';
import type { BotContext } from '../bot-context.ts';
import { readWorkspace } from '../state/workspace.ts';
import { advancePromotion } from './advance-promotion.ts';
import { readFacts } from './read-facts.ts';

/**
 * A version that no pull request brought (a retraining that changed no file) is proposed at the first stage: that pull request is its
 * review. Held or busy stages are left alone: the version waits, and anyone can ask for it.
 */
export async function requestFirstStage(context: BotContext, record: VersionRecord, by: Person): Promise<void> {
  const workspace = await readWorkspace(context);
  const { config } = workspace.policy;
  const stages = config?.models[record.model]?.stages ?? {};
  const first = Object.entries(stages).find(([, { after }]) => after === undefined)?.[0];
  if (!config || first === undefined) return;
  const stage = { model: record.model, stage: first };
  const generation = (workspace.stage(stage)?.generation ?? 0) + 1;
  const facts = await readFacts(context, workspace, config, { ...stage, generation, version: record.number, pull: null });
  const cause = `version:${record.model}@v${record.number}`;
  const decision = requestPromotion({ facts, number: record.number, reason: 'retrained; no file changed', by, cause });
  if (!decision.allowed) {
    context.log.info({ version: `${record.model}@v${record.number}`, code: decision.code }, decision.message);
    return;
  }
  await recordEvents(context, { ...stage, generation }, [decision.event]);
  await advancePromotion(context, { ...stage, generation });
}
