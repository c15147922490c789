import { newEvent } from '../../shared/promotion/event-data.ts';
import { judgeGates } from '../../shared/promotion/judge-evidence.ts';
import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { code, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, Execute } from '../commands/command-line.ts';
import { readPullFindings } from '../conversation/pull-findings.ts';
import { renderWhy, renderWhyPromotion } from '../conversation/render-why.ts';
import { whyOfCheck } from '../conversation/write-promotion-check.ts';
import { registryCheck } from '../conversation/write-registry-check.ts';
import { advancePromotion } from './advance-promotion.ts';
import { closePromotion } from './close-promotion.ts';
import { subjectOf } from './promotion-text.ts';

const unclear = (call: CommandCall): Reply => ({
  outcome: 'refused',
  code: call.onPull ? 'NOT_A_PROMOTION' : 'NOT_A_PULL',
  body: call.onPull
    ? md`This pull request promotes nothing. **Next:** write it on the promotion that you mean.`.markdown
    : md`The command is about a pull request, and this is an issue. **Next:** write it on the pull request.`.markdown,
});

/** The promotion that a pull request is, as far as it goes now; null where it is none. */
async function promotionHere(call: CommandCall) {
  const { context, number, onPull } = call;
  const pull = onPull ? await context.forge.pulls.read(number) : null;
  const key = pull && promotionOfPull(context.forge, pull);
  return { pull, now: pull && key ? await advancePromotion(context, key, { pull }) : null };
}

/** `/why`: what the check says, word for word. */
export async function why(_line: Parameters<Execute<'why'>>[0], call: CommandCall): Promise<Reply> {
  const { pull, now } = await promotionHere(call);
  if (!pull) return unclear(call);
  if (now) return { outcome: 'done', code: 'WHY', body: renderWhyPromotion(now.status, subjectOf(now.facts)) };
  const registry = await registryCheck(call.context, pull);
  const body = registry.kind === 'untouched' ? renderWhy(await readPullFindings(call.context, pull)) : whyOfCheck(registry).markdown;
  return { outcome: 'done', code: 'WHY', body };
}

/** `/weighin cancel`: the promotion is given up by a person. */
export async function cancel(_line: Parameters<Execute<'cancel'>>[0], call: CommandCall): Promise<Reply> {
  const { now } = await promotionHere(call);
  if (!now) return unclear(call);
  const { facts, status } = now;
  if (status.state === 'MERGED' || status.state === 'STARTED')
    return {
      outcome: 'refused',
      code: 'ALREADY_MERGED',
      body: md`It is merged, so there is nothing to withdraw. **Next:** ${code(`/rollback ${facts.model} ${facts.stage}`)} takes it back.`
        .markdown,
    };
  if (status.state === 'REFUSED_AT_START')
    return {
      outcome: 'refused',
      code: 'ALREADY_MERGED',
      body: md`It was merged and refused at its start, so there is nothing to withdraw. **Next:** ${code(`/weighin unhold ${facts.model} ${facts.stage}`)}, and ask anew with ${code('/promote')}.`
        .markdown,
    };
  await closePromotion(call.context, facts, 'WITHDRAWN', `${call.actor.login} gave it up.`, { by: call.actor, cause: call.cause });
  return {
    outcome: 'done',
    code: 'WITHDRAWN',
    body: md`${code(subjectOf(facts))} is withdrawn; nothing was started by it. **Next:** ${code('/promote')} asks anew.`.markdown,
  };
}

/** `/weighin override`: a person answers for a gate of this promotion, and approves nothing of it any more. */
export async function override(line: Parameters<Execute<'override'>>[0], call: CommandCall): Promise<Reply> {
  const { now } = await promotionHere(call);
  if (!now) return unclear(call);
  const { facts } = now;
  const gates = facts.version?.report?.gates ?? [];
  const gate = gates.find(({ id }) => id === line.gate);
  if (!gate)
    return {
      outcome: 'refused',
      code: 'GATE_UNKNOWN',
      body: md`The report has no gate ${code(line.gate)}. **Next:** copy its name: ${
        gates
          .filter(({ status }) => status !== 'pass')
          .slice(0, 5)
          .map(({ id }) => id)
          .join(', ') || 'every gate passes'
      }.`.markdown,
    };
  const head = facts.pull?.snapshot.head.sha ?? null;
  await recordEvents(call.context, facts, [
    newEvent('gate.overridden', call.actor, call.cause, { gate: line.gate, reason: line.reason, commit: head }),
  ]);
  const { model, stage, generation } = facts;
  const after = await advancePromotion(call.context, { model, stage, generation });
  const left = after ? (judgeGates(after.facts)?.failed.length ?? 0) : 0;
  return {
    outcome: 'done',
    code: 'OVERRIDDEN',
    body: md`${code(line.gate)} counts as passed for this evaluation; plan and pull request say who answered for it, and whoever approved the plan before approves it anew. ${left > 0 && md`${left} gates still fail. `}**Next:** ask somebody else for the approval.`
      .markdown,
  };
}
