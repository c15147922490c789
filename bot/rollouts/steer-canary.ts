import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import { terminalPhases } from '../../shared/promotion/live-document.ts';
import { refuse } from '../../shared/promotion/refusal.ts';
import { writeLive } from '../../shared/promotion/write-live.ts';
import { readEngine } from '../../shared/rollout/engine/read-engine.ts';
import { reduceRollout } from '../../shared/rollout/engine/reduce-rollout.ts';
import type { RolloutEvent } from '../../shared/rollout/engine/rollout-event.ts';
import { code, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, Execute } from '../commands/command-line.ts';
import { refusalReply, requireConfig } from '../promotions/reply.ts';
import { readWorkspace } from '../state/workspace.ts';
import { followRollout } from './follow-rollouts.ts';

type Line = Parameters<Execute<'canary'>>[0];

/** Somebody else writes at the same moment a few times at most. */
const attempts = 4;

/** `/canary`: the same reducer that the guard runs, on what the state says now. The guard finds it there at its next look and acts. */
export async function steerCanary(line: Line, call: CommandCall): Promise<Reply> {
  const { context, actor } = call;
  const { model, stage } = line;
  for (let attempt = 1; attempt <= attempts; attempt++) {
    const workspace = await readWorkspace(context);
    requireConfig(workspace.policy);
    const live = workspace.live(line);
    // The same line a second time, as after a death: it is done, also where the rollout has ended since.
    if (live && readEngine(live)?.handled.includes(call.cause)) return replyOf(line, live);
    if (!live || terminalPhases.includes(live.phase))
      return refusalReply(
        refuse('NO_ROLLOUT', `No rollout of ${model} ${stage} is under way.`, `\`/promote ${model}@… ${stage}\` begins one.`),
      );
    if (!live.engine)
      return refusalReply(
        refuse(
          'ROLLOUT_ELSEWHERE',
          `The rollout of ${model} ${stage} has no guard here: a workflow or server of yours carries it out.`,
          'Steer it there. With `guard` and `target` in its entry of `rollouts:`, Weighin carries it out.',
        ),
      );
    const now = await context.forge.now();
    const reduced = reduceRollout(live, eventOf(line, call), { now, by: actor });
    if (reduced.refusal) return refusalReply({ ...reduced.refusal, allowed: false });
    if (reduced.live === live) return replyOf(line, live);
    const after = { ...reduced.live, revision: live.revision + 1 };
    const events = reduced.events.map((event) => ({ generation: live.generation, event }));
    const message = `${titles[actionOf(line)]} the rollout of ${model} ${stage}`;
    if (!(await writeLive(context, line, { before: live, live: after, events, at: now, message }))) continue;
    await followRollout(context, await readWorkspace(context), line);
    return replyOf(line, after);
  }
  return refusalReply(
    refuse('STATE_CONTESTED', `The state of ${model} ${stage} was changed by others again and again.`, 'Write the line once more.'),
  );
}

type Action = 'pause' | 'resume' | 'promote' | 'abort' | 'set';
const actionOf = ({ action }: Line): Action => (typeof action === 'string' ? action : 'set');
const titles: Readonly<Record<Action, string>> = { pause: 'Pause', resume: 'Resume', promote: 'Step on with', abort: 'Abort', set: 'Set' };

function eventOf({ action }: Line, { actor: by, cause, commentUrl }: CommandCall): RolloutEvent {
  const detail = `Asked for by ${by.login}${commentUrl === null ? '' : `: ${commentUrl}`}.`;
  if (typeof action !== 'string') return { is: 'set', percent: action.set, by, cause };
  switch (action) {
    case 'pause':
    case 'abort':
      return { is: action, by, cause, detail };
    default:
      return { is: action, by, cause };
  }
}

function replyOf(line: Line, { phase, step, weight, candidate, stable }: LiveDocument): Reply {
  const { model, stage } = line;
  const named = code(`${model}${candidate ? `@v${candidate.number}` : ''} ${stage}`);
  const share = `${typeof line.action === 'string' ? (weight?.desired ?? 0) : line.action.set} %`;
  const done = (replyCode: string, body: ReturnType<typeof md>): Reply => ({ outcome: 'done', code: replyCode, body: body.markdown });
  switch (actionOf(line)) {
    case 'pause':
      return done(
        'ROLLOUT_PAUSED',
        md`${named} stays at ${share}. The hard limit still guards it. **Next:** ${code(`/canary ${model} ${stage} resume`)}.`,
      );
    case 'resume':
      return done('ROLLOUT_RESUMED', md`${named} goes on in step ${step + 1}. **Next:** nothing to do.`);
    case 'promote':
      return phase === 'promoting' || phase === 'verifying'
        ? done('ROLLOUT_PROMOTED', md`${named} becomes what the target calls stable. **Next:** nothing to do.`)
        : done('ROLLOUT_PROMOTED', md`${named} goes on with step ${step + 1}, ${share} of traffic. **Next:** nothing to do.`);
    case 'abort':
      return done(
        'ROLLOUT_ABORTED',
        md`${code(`${model} ${stage}`)} goes back to ${stable ? `v${stable.number}` : 'nothing'}: the guard takes the traffic away at its next look, and the candidate is held. **Next:** the issue has a runbook.`,
      );
    case 'set':
      return done('ROLLOUT_SET', md`${named} gets ${share} of traffic at the guard's next look. **Next:** nothing to do.`);
  }
}
