import { canonicalJson, digestOf } from '../../shared/digest/canonical-json.ts';
import type { AcceptedDocument } from '../../shared/promotion/accepted-document.ts';
import { changeState } from '../../shared/promotion/change-state.ts';
import { lastOf, newEvent } from '../../shared/promotion/event-data.ts';
import type { EventLine } from '../../shared/promotion/event-document.ts';
import type { EvidenceDocument } from '../../shared/promotion/evidence-document.ts';
import type { Person, WorkflowRun } from '../../shared/promotion/forge.ts';
import { withEvents } from '../../shared/promotion/record-event.ts';
import { isOpen } from '../../shared/promotion/request-promotion.ts';
import { acceptedPath, eventsPath, knownReportPath, knownVersionPath } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { type Evidence, readEvidence } from '../reports/read-evidence.ts';
import { parseEvents } from '../state/workspace.ts';
import { advancePromotion } from './advance-promotion.ts';
import { ownPerson } from './own-person.ts';
import { readPromotionId } from './promotion-text.ts';
import { requestFirstStage } from './request-first-stage.ts';

/**
 * Takes in what a weigh run of the default branch measured, after proving whose it is: a new version's record and report go to the state
 * branch, a promotion's measurement to its events. Evidence about a pull request is only shown; `pulls` are those to look at.
 */
export async function acceptEvidence(context: BotContext, run: WorkflowRun): Promise<{ readonly pulls: readonly number[] }> {
  const { evidence, problems } = await readEvidence(context.forge, run, context.verifyNewEvidence);
  for (const { code, message } of problems) context.log.warn({ run: run.id, code }, message);
  const pulls = new Set<number>();
  for (const found of evidence) {
    const { purpose, pull } = found.document;
    if (purpose === 'pull' && pull !== null) pulls.add(pull);
    if (purpose === 'register') await acceptVersion(context, found, run);
    if (purpose === 'promote') await acceptMeasurement(context, found, run);
  }
  return { pulls: [...pulls] };
}

/** Record, report and proof in one commit. A number that is taken by other bytes stays as it was: versions are immutable. */
async function acceptVersion(context: BotContext, { document, record, texts, level }: Evidence, run: WorkflowRun): Promise<void> {
  if (!record || texts.record === null) return;
  const recordText = texts.record;
  const { model, number } = record;
  const paths = {
    record: knownVersionPath(model, number),
    accepted: acceptedPath(model, number),
    report: knownReportPath(document.report),
  };
  const accepted: AcceptedDocument = {
    schema: 'weighin/accepted@1',
    level,
    record: digestOf(new TextEncoder().encode(recordText)),
    evidence: document,
    at: (await context.forge.now()).toISOString(),
    by: context.by,
  };
  const { written } = await changeState(context.forge, Object.values(paths), (view) => {
    const before = view.text(paths.record);
    if (before !== null) {
      if (before !== recordText) context.log.error({ model, number, run: run.id }, 'another record of this version was accepted before');
      return null;
    }
    return {
      message: `Accept ${model}@v${number}, ${level}`,
      write: [
        { path: paths.record, text: recordText },
        { path: paths.accepted, text: canonicalJson(accepted) },
        ...(view.text(paths.report) === null ? [{ path: paths.report, text: texts.report }] : []),
      ],
    };
  });
  // Nobody's pull request brought it, so nobody has reviewed it: the promotion's own is its review.
  if (written && record.source.pull === null && (await startedBy(context, document)) !== 'push')
    await requestFirstStage(context, record, actorOf(run, context));
}

/**
 * Report and event in one commit. Anyone with write access can dispatch a weigh run of any version for any promotion, so the evidence must
 * be about the very bytes and record that this promotion was asked for, and somebody must have asked.
 */
async function acceptMeasurement(context: BotContext, { document, report, texts, level }: Evidence, run: WorkflowRun): Promise<void> {
  const key = document.promotion === null ? null : readPromotionId(document.promotion);
  if (!key || key.model !== document.model) return;
  const reportPath = knownReportPath(document.report);
  const path = eventsPath(key.model, key.stage, key.generation);
  const actors = [run.actor, run.triggeringActor].flatMap((person) => (person && person.type === 'User' ? [person.id] : []));
  const event = newEvent('promotion.weighed', actorOf(run, context), `run:${run.id}:${run.attempt}`, {
    run: { id: run.id, attempt: run.attempt },
    report: document.report,
    decision: document.decision,
    verdict: report.verdict,
    level,
    actors: [...new Set(actors)],
    evidence: document,
  });
  const at = await context.forge.now();
  let answers = false;
  await changeState(context.forge, [reportPath, path], (view) => {
    answers = isAskedFor(parseEvents(view, path), document);
    const file = answers ? withEvents(view, key, [event], { at, by: context.by }) : null;
    const kept = view.text(reportPath) === null ? [{ path: reportPath, text: texts.report }] : [];
    return file && { message: `promotion.weighed: ${key.model} ${key.stage}`, write: [...kept, file] };
  });
  if (answers) await advancePromotion(context, key);
  else context.log.warn({ run: run.id, promotion: document.promotion }, 'a weigh run answers for what this promotion did not ask for');
}

/** Whether the promotion can still move, and is of exactly the version that was weighed. */
function isAskedFor(events: readonly EventLine[], { subject, version }: EvidenceDocument): boolean {
  const asked = isOpen(events) ? lastOf(events, 'promotion.requested')?.data : undefined;
  return asked !== undefined && asked.digest === subject && asked.version === version?.number && asked.record === version.record;
}

/** Of the run that trained it: a push is somebody's change of files, anything else retrained what was there. */
async function startedBy({ forge }: BotContext, { claimedRun }: Evidence['document']): Promise<string | null> {
  return claimedRun === null ? null : ((await forge.actions.run(claimedRun.id))?.event ?? null);
}

const actorOf = (run: WorkflowRun, { forge }: BotContext): Person => run.triggeringActor ?? run.actor ?? ownPerson(forge);
