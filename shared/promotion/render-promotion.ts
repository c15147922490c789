import { canonicalJson, digestOfDocument } from '../digest/canonical-json.ts';
import { renderPlan } from '../registry/render-plan.ts';
import type { PlanDocument, StageDocument } from '../registry/stage-document.ts';
import { planPath, recordPath, stagePath } from '../registry/work-tree-paths.ts';
import { allOf, lastOf } from './event-data.ts';
import type { FileText } from './forge.ts';
import type { PromotionFacts } from './promotion-facts.ts';

export interface RenderedPromotion {
  readonly plan: PlanDocument;
  readonly document: StageDocument;
  readonly planDigest: string;
  /** Exactly what the promotion's pull request holds, by path. */
  readonly files: readonly FileText[];
}

/**
 * The plan as the facts of this moment make it; null where there is no version to plan, or its record is not the one that its digest
 * says. A promotion that is merged is rendered as it was planned: from what the stage pointed at before.
 */
export function renderPromotion(facts: PromotionFacts): RenderedPromotion | null {
  const { config, model, stage, generation, version, main, repositoryId } = facts;
  if (!version || digestOfDocument(version.record) !== version.digest) return null;
  const merged = main?.generation === generation;
  const before = merged ? main.previous && { generation: main.previous.generation, version: main.previous } : main;
  const { plan, document } = renderPlan({
    config,
    model,
    stage,
    operation: lastOf(facts.events, 'promotion.requested')?.data.operation ?? (merged ? main.operation : 'promote'),
    version: { record: version.record, digest: version.digest },
    current: before ?? undefined,
    evaluation: version.decision,
    overrides: overridesOf(facts),
    repositoryId,
  });
  return { plan, document, planDigest: document.plan, files: filesOf(facts, plan, document) };
}

function filesOf({ version }: PromotionFacts, plan: PlanDocument, document: StageDocument): readonly FileText[] {
  const { model, stage, generation } = document;
  return [
    { path: recordPath(model, plan.to.number), text: canonicalJson(version?.record) },
    { path: planPath(model, stage, generation), text: canonicalJson(plan) },
    { path: stagePath(model, stage), text: canonicalJson(document) },
  ];
}

/** Gates that somebody answered for since the version was weighed last: a new evaluation is a new question. */
export function overriddenGates({
  events,
}: PromotionFacts): readonly { readonly gate: string; readonly reason: string; readonly by: number }[] {
  const weighed = lastOf(events, 'promotion.weighed')?.seq ?? 0;
  const latest = new Map(
    allOf(events, 'gate.overridden')
      .filter(({ seq }) => seq > weighed)
      .map(({ data, actor }) => [data.gate, { gate: data.gate, reason: data.reason, by: actor.id }]),
  );
  return [...latest.values()].sort((a, b) => (a.gate < b.gate ? -1 : 1));
}

const overridesOf = (facts: PromotionFacts): PlanDocument['overrides'] => [...overriddenGates(facts)];
