import { digestOfDocument } from '../../shared/digest/canonical-json.ts';
import type { StateView } from '../../shared/promotion/change-state.ts';
import { newEvent, nextAttempt } from '../../shared/promotion/event-data.ts';
import type { PromotionFacts, PromotionStatus, PromotionStep, RenderedPromotion } from '../../shared/promotion/promotion-facts.ts';
import { promotionStatus } from '../../shared/promotion/promotion-status.ts';
import { recordEvents } from '../../shared/promotion/record-event.ts';
import { promotionBranch } from '../../shared/promotion/state-paths.ts';
import { md, proseMarkdown } from '../../shared/words/markdown.ts';
import type { BotContext } from '../bot-context.ts';
import { ownPerson } from './own-person.ts';
import { promotionBody, promotionTitle } from './promotion-text.ts';
import { pullLink } from './reply.ts';

/**
 * Branch, commit and pull request of a promotion, and the event that names them. Each is looked for before it is made, so that a bot that
 * was killed in between goes on where it stopped. The pull request's number; null where another bot is at it.
 */
export async function openPromotionPull(
  context: BotContext,
  facts: PromotionFacts,
  status: PromotionStatus,
  rendered: RenderedPromotion,
  state?: StateView,
): Promise<number | null> {
  const { forge } = context;
  const { model, stage, generation } = facts;
  const branch = promotionBranch(model, stage, generation, nextAttempt(facts.events));
  const created = (await forge.git.createBranch(branch, facts.mainHead)) === 'created';
  const head = await writeBranch(context, facts, branch, rendered, created);
  if (head === null) return null;
  // A branch that was not there has no pull request.
  const found = created ? [] : await forge.pulls.ofHead(`${forge.repository.owner}:${branch}`);
  const open = found.find(({ state }) => state === 'open');
  const number =
    open?.number ??
    (await forge.pulls.create({ head: branch, title: promotionTitle(facts), body: await promotionBody(context, facts, status, rendered) }));
  const data = { plan: digestOfDocument(rendered.plan), pull: number, branch, commit: head };
  await recordEvents(context, facts, [newEvent('promotion.planned', ownPerson(forge), `plan:${branch}`, data)], state);
  return number;
}

/** A rebuilt promotion starts on a branch of its own: what somebody pushed to the old one stays there for whoever asks. */
export async function rebuildPromotionPull(
  context: BotContext,
  facts: PromotionFacts,
  status: PromotionStatus,
  step: Extract<PromotionStep, { do: 'rebuild' }>,
): Promise<void> {
  const old = facts.pull?.snapshot;
  // The new one starts from nothing: what is wrong with the old one, and who approved it, is not said there.
  const events = facts.events.filter(({ type }) => type !== 'promotion.planned' && type !== 'promotion.replanned');
  const anew = promotionStatus({ ...facts, pull: null, events });
  const number = await openPromotionPull(context, facts, anew, step);
  if (old?.state !== 'open') return;
  const on = number === null ? md`another pull request` : pullLink(context, number);
  await context.forge.comments.create(
    old.number,
    md`**${status.unmet.some(({ code }) => code === 'TAMPERED') ? 'TAMPERED' : 'CONFLICT'}.** ${proseMarkdown(step.why)} The promotion goes on in ${on}; this one is closed. **Next:** approvals are given there.`
      .markdown,
  );
  await context.forge.pulls.edit(old.number, { state: 'closed' });
}

/** Same branch, one commit more: the pull request's diff is then exactly the new plan. */
export async function updatePromotionPull(
  context: BotContext,
  facts: PromotionFacts,
  status: PromotionStatus,
  step: Extract<PromotionStep, { do: 'replan' }>,
): Promise<void> {
  const { forge } = context;
  if (!facts.pull) return;
  const { snapshot, filesAtHead } = facts.pull;
  const wanted = new Map(step.files.map(({ path, text }) => [path, text]));
  const write = step.files.filter(({ path, text }) => filesAtHead.get(path) !== text);
  const remove = [...filesAtHead.keys()].filter((path) => !wanted.has(path) && filesAtHead.get(path) !== null);
  const message = `Plan ${facts.model}@v${step.plan.to.number} ${facts.stage} again: ${step.why}`;
  const answer = await forge.git.commit({ branch: snapshot.head.branch, expectedHead: snapshot.head.sha, message, write, remove });
  // Somebody pushed in between: the next reading sees what.
  if (!answer.committed) return;
  await forge.pulls.edit(snapshot.number, { title: promotionTitle(facts), body: await promotionBody(context, facts, status, step) });
  const data = { plan: digestOfDocument(step.plan), pull: snapshot.number, branch: snapshot.head.branch, commit: answer.oid };
  await recordEvents(context, facts, [newEvent('promotion.replanned', ownPerson(forge), `plan:${answer.oid}`, data)]);
}

/** Two bots that write one branch lose to each other once; more says that somebody else writes. */
const branchTries = 3;

/** The branch with exactly one commit on the default branch's head; where it stands then, or null where somebody else is at it. */
async function writeBranch(
  { forge }: BotContext,
  facts: PromotionFacts,
  branch: string,
  { files, plan }: RenderedPromotion,
  created: boolean,
): Promise<string | null> {
  const verb = plan.operation === 'rollback' ? 'Return' : 'Promote';
  const message = `${verb} ${facts.model}@v${plan.to.number} to ${facts.stage}`;
  let isNew = created;
  for (let left = branchTries; left > 0; left--) {
    let expectedHead = facts.mainHead;
    if (!isNew) {
      const [found] = await forge.git.read([{ ref: branch, paths: files.map(({ path }) => path) }]);
      if (!found?.commit) return null;
      if (files.every(({ path, text }) => found.files.get(path) === text)) return found.commit;
      expectedHead = found.commit;
    }
    const answer = await forge.git.commit({ branch, expectedHead, message, write: files });
    if (answer.committed) return answer.oid;
    // Another bot with the same plan, most likely: what it wrote is what this one wanted.
    isNew = false;
  }
  return null;
}
