import type { Config } from '../../shared/config/schema.ts';
import { digestOf } from '../../shared/digest/canonical-json.ts';
import { UserError } from '../../shared/errors.ts';
import { type EventData, lastOf, lastPlanned } from '../../shared/promotion/event-data.ts';
import type { EvidenceDocument } from '../../shared/promotion/evidence-document.ts';
import type { Forge, PullSnapshot } from '../../shared/promotion/forge.ts';
import type { EvidenceFacts, PeopleFacts, PromotionFacts, PromotionPull } from '../../shared/promotion/promotion-facts.ts';
import { stagePolicy } from '../../shared/promotion/stage-policy.ts';
import { promotionTag } from '../../shared/promotion/state-paths.ts';
import type { StageDocument } from '../../shared/registry/stage-document.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import { planPath } from '../../shared/registry/work-tree-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { type KnownVersion, readKnownReports, readKnownVersions } from '../state/known-versions.ts';
import { policyFile } from '../state/read-policy.ts';
import type { Workspace } from '../state/workspace.ts';

export interface FactsRequest extends StageKey {
  readonly generation: number;
  /** The promotion's PR where the caller has just read it. */
  readonly pull?: PullSnapshot | null;
  /** A version that is asked for and not in the events yet. */
  readonly version?: number;
  /** Asks for nobody: approvals are not what is decided. */
  readonly people?: 'nobody';
}

/** Digests of accepted records and reports whose attestation this process has verified: proved anew to plan and to start, not for every review. */
const verified = new WeakMap<Forge, Set<string>>();

/** Everything that decides about one promotion, read now. `config` must be readable: without a policy nothing is decided. */
export async function readFacts(context: BotContext, workspace: Workspace, config: Config, request: FactsRequest): Promise<PromotionFacts> {
  const { forge } = context;
  const { model, stage, generation } = request;
  const events = workspace.events(request, generation);
  const asked = lastOf(events, 'promotion.requested');
  const number = lastPlanned(events)?.data.pull ?? null;
  // A pull request of an earlier try bears the same generation: its end, told late, is not the end of this one.
  const given = request.pull === null || (number !== null && request.pull?.number === number) ? request.pull : undefined;
  const snapshot = given !== undefined ? given : number === null ? null : await forge.pulls.read(number);
  const main = workspace.stage(request);
  const merged = main?.generation === generation;
  const mainMergedAs = main ? (lastOf(workspace.events(request, main.generation), 'promotion.merged')?.data.commit ?? null) : null;
  const version = request.version ?? asked?.data.version ?? (merged ? main.version.number : null);
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
    mainMergedAs,
    live: workspace.live(request),
    watch: workspace.watch(request),
    otherStages: Object.fromEntries(models.map((key) => [key.stage, workspace.live(key)])),
    events,
    version:
      version === null
        ? null
        : await readEvidence(context, { model, version, events, main, mainMergedAs, anew: merged || snapshot === null }),
    pull: snapshot && (await readPull(forge, snapshot, request)),
    people: request.people ? { writers: null, teams: {} } : await readPeople(forge, config, request, merged ? snapshot : null),
  };
}

interface EvidenceQuestion {
  readonly model: string;
  readonly version: number;
  readonly events: PromotionFacts['events'];
  readonly main: StageDocument | null;
  readonly mainMergedAs: string | null;
  /** Prove the attestation again, however recently it was. */
  readonly anew: boolean;
}

async function readEvidence(
  context: BotContext,
  { model, version, events, main, mainMergedAs, anew }: EvidenceQuestion,
): Promise<EvidenceFacts | null> {
  const { forge } = context;
  // What the body of the pull request compares with comes along: it is wanted next.
  const before = main && main.version.number !== version ? [{ model, number: main.version.number }] : [];
  const since = main ? [{ tag: promotionTag(model, main.stage, main.generation), commit: mainMergedAs, path: policyFile }] : [];
  const versions = await readKnownVersions(forge, [{ model, number: version }, ...before], since);
  const known = versions.get(`${model}@v${version}`);
  if (!known) return null;
  const { record, digest } = known;
  const weighed = lastOf(events, 'promotion.weighed');
  const reportDigest = weighed?.data.report ?? record.evaluation?.report ?? null;
  const earlier = before.flatMap(({ number }) => versions.get(`${model}@v${number}`)?.record.evaluation?.report ?? []);
  const reports = await readKnownReports(forge, [...(reportDigest === null ? [] : [reportDigest]), ...earlier]);
  return {
    record,
    digest,
    level: await levelOf(context, known, weighed?.data ?? null, anew),
    report: reportDigest === null ? null : (reports.get(reportDigest) ?? null),
    decision: weighed?.data.decision ?? record.evaluation?.decision ?? null,
    weighedAt: weighed?.at ?? record.createdAt,
    actors: [...new Set([...record.source.actors, ...(weighed?.data.actors ?? [])])],
  };
}

/** Of the version; where the promotion was weighed again by an attested run, that attestation must still hold too. */
async function levelOf(
  context: BotContext,
  { accepted, digest }: KnownVersion,
  weighed: EventData['promotion.weighed'] | null,
  anew: boolean,
): Promise<EvidenceFacts['level']> {
  // A statement that held once and can't be found now is not known to hold: that waits, and promotes nothing.
  if (weighed?.level === 'attested' && weighed.evidence && (await prove(context, weighed.report, weighed.evidence, anew)) !== 'attested')
    return 'unknown';
  if (!accepted) return 'claimed';
  return accepted.level === 'run-verified' ? 'run-verified' : prove(context, digest, accepted.evidence, anew);
}

async function prove({ forge, verifyEvidence }: BotContext, name: string, evidence: EvidenceDocument, anew: boolean) {
  const proved = verified.get(forge) ?? new Set<string>();
  verified.set(forge, proved);
  if (!anew && proved.has(name)) return 'attested';
  const level = await verifyEvidence(evidence);
  if (level === 'attested') proved.add(name);
  return level;
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
async function readPeople(forge: Forge, config: Config, { model, stage }: StageKey, merged: PullSnapshot | null): Promise<PeopleFacts> {
  const policy = stagePolicy(config, model, stage);
  // Nobody approves a merged pull request any more: where everyone with write access may, its reviews say who had it.
  if (merged && policy.approvers === null && policy.teams.length === 0)
    return {
      writers: merged.reviews.filter(({ canPush }) => canPush).map(({ person }) => ({ ...person, role: 'write' as const })),
      teams: {},
    };
  const teams: Record<string, readonly number[] | 'unreadable'> = {};
  for (const slug of stagePolicy(config, model, stage).teams)
    teams[slug] = await forge.people.teamMembers(slug).catch(unless('unreadable' as const));
  return { writers: await forge.people.writers().catch(unless(null)), teams };
}

/** A refusal is an answer that the conditions speak of; a server that fails is tried again later, whole. */
const unless =
  <Answer>(answer: Answer) =>
  (error: unknown): Answer => {
    if (error instanceof UserError || (error instanceof Error && 'code' in error && error.code === 'FORGE_REFUSED')) return answer;
    throw error;
  };
