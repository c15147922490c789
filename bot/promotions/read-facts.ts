import type { Config } from '../../shared/config/schema.ts';
import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { lastOf } from '../../shared/promotion/event-data.ts';
import type { Forge, PullSnapshot } from '../../shared/promotion/forge.ts';
import type { EvidenceFacts, PeopleFacts, PromotionFacts, PromotionPull } from '../../shared/promotion/promotion-facts.ts';
import { stagePolicy } from '../../shared/promotion/stage-policy.ts';
import { planPath } from '../../shared/registry/work-tree-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { readKnownReport, readKnownVersions } from '../state/known-versions.ts';
import type { StageKey, Workspace } from '../state/workspace.ts';

export interface FactsRequest extends StageKey {
  readonly generation: number;
  /** The promotion's PR where the caller has just read it. */
  readonly pull?: PullSnapshot | null;
}

/** Everything that decides about one promotion, read now. `config` must be readable: without a policy nothing is decided. */
export async function readFacts(context: BotContext, workspace: Workspace, config: Config, request: FactsRequest): Promise<PromotionFacts> {
  const { forge } = context;
  const { model, stage, generation } = request;
  const events = workspace.events(request, generation);
  const asked = lastOf(events, 'promotion.requested');
  const planned = lastOf(events, 'promotion.replanned') ?? lastOf(events, 'promotion.planned');
  const number = planned ? planned.data.pull : null;
  const snapshot = request.pull !== undefined ? request.pull : number === null ? null : await forge.pulls.read(number);
  const main = workspace.stage(request);
  const version = asked ? asked.data.version : main?.generation === generation ? main.version.number : null;
  const models = workspace.stages.filter((key) => key.model === model && key.stage !== stage);
  const now = await forge.now();
  return {
    model,
    stage,
    generation,
    repositoryId: forge.repository.id,
    now,
    identity: forge.identity,
    config,
    mainHead: workspace.mainHead,
    main,
    live: workspace.live(request),
    otherStages: Object.fromEntries(models.map((key) => [key.stage, workspace.live(key)])),
    events,
    version: version === null ? null : await readEvidence(context, model, version, events),
    pull: snapshot && (await readPull(forge, snapshot, request)),
    people: await readPeople(forge, config, request),
  };
}

async function readEvidence(
  { forge, verifyEvidence }: BotContext,
  model: string,
  number: number,
  events: PromotionFacts['events'],
): Promise<EvidenceFacts | null> {
  const known = (await readKnownVersions(forge, [{ model, number }])).get(`${model}@v${number}`);
  if (!known) return null;
  const { record, digest, accepted } = known;
  const weighed = lastOf(events, 'promotion.weighed');
  const reportDigest = weighed?.data.report ?? record.evaluation?.report ?? null;
  const report = reportDigest === null ? null : await readKnownReport(forge, reportDigest);
  return {
    record,
    digest,
    level: accepted === null ? 'claimed' : accepted.level === 'run-verified' ? 'run-verified' : await verifyEvidence(forge, accepted),
    report,
    decision: weighed?.data.decision ?? record.evaluation?.decision ?? null,
    weighedAt: weighed?.at ?? record.createdAt,
    actors: [...new Set([...record.source.actors, ...(weighed?.data.actors ?? [])])],
  };
}

/** Its changed files at the head, and its plan at every commit that somebody reviewed. */
async function readPull(forge: Forge, snapshot: PullSnapshot, { model, stage, generation }: FactsRequest): Promise<PromotionPull> {
  const plan = planPath(model, stage, generation);
  const head = snapshot.head.sha;
  const reviewed = new Set(snapshot.reviews.flatMap(({ commit }) => commit ?? []));
  const [atHead, ...others] = await forge.git.read([
    { ref: head, paths: [...new Set([plan, ...snapshot.files])] },
    ...[...reviewed].filter((commit) => commit !== head).map((ref) => ({ ref, paths: [plan] })),
  ]);
  const digestAt = (files: ReadonlyMap<string, string | null> | undefined) => {
    const text = files?.get(plan) ?? null;
    return text === null ? null : digestOf(new TextEncoder().encode(text));
  };
  const planAt = new Map<string, string | null>([[head, digestAt(atHead?.files)]]);
  for (const { ref, files } of others) planAt.set(ref, digestAt(files));
  return { snapshot, planAt, filesAtHead: new Map(snapshot.files.map((path) => [path, atHead?.files.get(path) ?? null])) };
}

/** "Could not ask" is kept apart from "nobody": the conditions say which it is. */
async function readPeople(forge: Forge, config: Config, { model, stage }: StageKey): Promise<PeopleFacts> {
  const { approvers, approvals } = stagePolicy(config, model, stage);
  const slugs = new Set([
    ...Object.keys(approvals.byTeam),
    ...(approvers ?? []).flatMap((principal) => (principal.kind === 'team' ? [principal.slug] : [])),
  ]);
  const teams: Record<string, readonly number[] | 'unreadable'> = {};
  for (const slug of slugs) teams[slug] = await forge.people.teamMembers(slug).catch(unless('unreadable' as const));
  return { writers: await forge.people.writers().catch(unless(null)), teams };
}

/** A refusal is an answer that the conditions speak of; a server that fails is tried again later, whole. */
const unless =
  <Answer>(answer: Answer) =>
  (error: unknown): Answer => {
    if (error instanceof UserError || (error instanceof Error && 'code' in error && error.code === 'FORGE_REFUSED')) return answer;
    throw error;
  };
