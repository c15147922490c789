import { liveOf } from '../../shared/promotion/first-live.ts';
import { liftHold } from '../../shared/promotion/lift-hold.ts';
import { placeHold } from '../../shared/promotion/place-hold.ts';
import { writeLive } from '../../shared/promotion/write-live.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { code, joinMarkdown, md, proseMarkdown } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, Execute } from '../commands/command-line.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import { advanceAll } from '../work/look-at-push.ts';
import { tell } from './notify-of.ts';
import { refusalReply, requireConfig } from './reply.ts';

/** `/weighin hold`: from the next look on nothing new starts there. Of one stage, or of every stage of the model. */
export async function holdStage(line: Parameters<Execute<'hold'>>[0], call: CommandCall): Promise<Reply> {
  const { context, actor, cause } = call;
  const workspace = await readWorkspace(context);
  const config = requireConfig(workspace.policy);
  const now = await context.forge.now();
  const at = now.toISOString();
  const until = line.until === null ? null : new Date(line.until).toISOString();
  const keys = stagesOf(workspace, line);
  for (const key of keys) {
    const before = workspace.live(key);
    const live = liveOf(before, workspace.stage(key), key.model, key.stage, at);
    const placed = placeHold(live, { digest: null, reason: line.reason, by: actor, at, until, cause });
    const { generation } = live;
    const written = await writeLive(context, key, {
      before,
      live: placed.live,
      events: [{ generation, event: placed.event }],
      at: now,
      message: `Hold ${key.model} ${key.stage}`,
    });
    if (!written && !before?.holds.some(({ id }) => placed.live.holds.some((hold) => hold.id === id))) return holdStage(line, call);
    const facts = { ...key, generation, now, version: null, pull: null };
    tell(context, config, { event: 'held', type: 'hold.placed', facts, by: actor, says: `is held: ${line.reason}` });
  }
  await advanceAll(context, await readWorkspace(context));
  const ends = until === null ? md`until somebody lifts it` : md`until ${until}`;
  return {
    outcome: 'done',
    code: 'HOLD_PLACED',
    body: md`${namesOf(keys)} ${keys.length > 1 ? 'are' : 'is'} held ${ends}: “${proseMarkdown(line.reason)}”. What runs goes on running, and ${code('/rollback')} still works. **Next:** ${code(`/weighin unhold ${line.model}${line.stage === null ? '' : ` ${line.stage}`}`)} ends it.`
      .markdown,
  };
}

/** `/weighin unhold`: every hold of the stage, also that of bytes that were rolled back; nothing starts by that alone. */
export async function unholdStage(line: Parameters<Execute<'unhold'>>[0], call: CommandCall): Promise<Reply> {
  const { context, actor, cause } = call;
  const workspace = await readWorkspace(context);
  requireConfig(workspace.policy);
  const now = await context.forge.now();
  const lifted: StageKey[] = [];
  let refused: Reply | null = null;
  for (const key of stagesOf(workspace, line)) {
    const before = workspace.live(key);
    const answer = liftHold(before, { digest: null, by: actor, now, cause });
    if (!answer.allowed) {
      refused = refusalReply(answer);
      continue;
    }
    const { generation } = answer.live;
    const change = {
      before,
      live: answer.live,
      events: [{ generation, event: answer.event }],
      at: now,
      message: `Lift the hold of ${key.model} ${key.stage}`,
    };
    if (!(await writeLive(context, key, change))) return unholdStage(line, call);
    lifted.push(key);
  }
  if (lifted.length === 0 && refused) return refused;
  await advanceAll(context, await readWorkspace(context));
  return {
    outcome: 'done',
    code: 'HOLD_LIFTED',
    body: md`Nothing holds ${namesOf(lifted)} any more. **Next:** ${code('/promote')} what was waiting; what was rolled back stays where it is.`
      .markdown,
  };
}

const stagesOf = (workspace: Workspace, { model, stage }: { readonly model: string; readonly stage: string | null }): readonly StageKey[] =>
  workspace.stages.filter((key) => key.model === model && (stage === null || key.stage === stage));

const namesOf = (keys: readonly StageKey[]) =>
  joinMarkdown(
    keys.map(({ model, stage }) => code(`${model} ${stage}`)),
    ', ',
  );
