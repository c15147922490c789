import { changeState } from '../../shared/promotion/change-state.ts';
import { lastPlanned } from '../../shared/promotion/event-data.ts';
import type { Condition } from '../../shared/promotion/promotion-facts.ts';
import { withEvents } from '../../shared/promotion/record-event.ts';
import { requestPromotion } from '../../shared/promotion/request-promotion.ts';
import { eventsPath } from '../../shared/promotion/state-paths.ts';
import { unmetInGit } from '../../shared/promotion/unmet-conditions.ts';
import { code, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, Execute } from '../commands/command-line.ts';
import { conditionList } from '../conversation/condition-words.ts';
import { readWorkspace, takeLook, type Workspace } from '../state/workspace.ts';
import { advancePromotion } from './advance-promotion.ts';
import { readFacts } from './read-facts.ts';
import { pullLink, refusalReply, requireConfig } from './reply.ts';

type Line = Parameters<Execute<'promote'>>[0];

/** `/promote`: asks, and where the evidence answers already, opens the pull request in the same breath. */
export async function promote(line: Line, call: CommandCall): Promise<Reply> {
  const { context, actor, cause } = call;
  const { model, stage, version, reason } = line;
  let workspace: Workspace | null = await takeLook(context);
  const config = requireConfig(workspace.policy);
  const generation = (workspace.stage(line)?.generation ?? 0) + 1;
  const key = { model, stage, generation };
  const asked = workspace.events(key, generation).some((event) => event.type === 'promotion.requested' && event.cause === cause);
  if (!asked) {
    const facts = await readFacts(context, workspace, config, { ...key, version, pull: null, people: 'nobody' });
    const decision = requestPromotion({ facts, number: version, reason, by: actor, cause });
    if (!decision.allowed) return refusalReply(decision);
    if (line.dryRun) return dryRunReply(line, decision.weighFirst, unmetInGit(facts));
    const at = facts.now;
    const path = eventsPath(model, stage, generation);
    // Decided on these very lines: whoever else asked in the meantime is found by the next try.
    const before = workspace.state;
    const file = withEvents(before, key, [decision.event], { at, by: context.by });
    const { written, commit } = await changeState(
      context.forge,
      [path],
      (view) =>
        file && view.text(path) === before.text(path) ? { message: `Ask for ${model}@v${version} at ${stage}`, write: [file] } : null,
      before,
    );
    if (!written || !file) return promote(line, call);
    workspace = workspace.withState([file], commit);
  }
  const now = await advancePromotion(context, key, { ...(workspace && { workspace }), ...(!asked && { pull: null }) });
  const after = await openPull(call, key, now);
  if (after !== null)
    return {
      outcome: 'done',
      code: 'PROMOTION_OPENED',
      body: md`${code(`${model}@v${version} ${stage}`)} is proposed in ${pullLink(context, after)}: the difference to what runs, the plan and who may approve it. **Next:** a review there; ${code('/why')} tells what is missing.`
        .markdown,
    };
  return {
    outcome: 'done',
    code: 'WEIGHING',
    body: md`${code(`${model}@v${version} ${stage}`)} is weighed first${now?.status.next.do === 'weigh' ? md` (${now.status.next.why})` : ''}: its pull request opens by itself when that run passes. **Next:** nothing; ${code(`/weighin status ${model}`)} tells how far it is.`
      .markdown,
  };
}

/** What opened: of an earlier try of the same command too. */
async function openPull(
  { context }: CommandCall,
  { model, stage, generation }: { model: string; stage: string; generation: number },
  now: Awaited<ReturnType<typeof advancePromotion>>,
): Promise<number | null> {
  if (now?.pull != null) return now.pull;
  const workspace = await readWorkspace(context);
  return lastPlanned(workspace.events({ model, stage }, generation))?.data.pull ?? null;
}

function dryRunReply({ model, version, stage }: Line, weighFirst: string | null, unmet: readonly Condition[]): Reply {
  const subject = code(`${model}@v${version} ${stage}`);
  const first =
    weighFirst === null
      ? md`Its evidence answers for today, so the pull request would open at once.`
      : md`A weigh run would come first: ${weighFirst}.`;
  return {
    outcome: 'done',
    code: 'DRY_RUN',
    body: md`${subject} may be asked for. ${first} Nothing was written.${unmet.length > 0 && md`\n\nBeside the approvals, this would keep it from starting today:\n\n${conditionList(unmet)}\n\n`} **Next:** the same line without ${code('--dry-run')}.`
      .markdown,
  };
}
