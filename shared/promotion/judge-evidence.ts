import { policyDigest } from '../config/policy-digest.ts';
import { digestOfDocument } from '../digest/canonical-json.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import { type Verdict, worstVerdict } from '../verdict/verdict.ts';
import { effectiveVersion } from './effective-version.ts';
import { allOf, lastOf } from './event-data.ts';
import { succeededAt } from './order.ts';
import type { EvidenceFacts, PromotionFacts } from './promotion-facts.ts';
import { overriddenGates } from './render-promotion.ts';
import { type StagePolicy, stagePolicy } from './stage-policy.ts';

/** How far the evidence is believed that this promotion rests on: its own weigh run's, where there was one, else the version's. */
export function evidenceLevel({ version, events }: PromotionFacts): EvidenceFacts['level'] {
  if (!version) return 'unknown';
  if (version.level === 'unknown' || digestOfDocument(version.record) !== version.digest) return 'unknown';
  // A number names one record for ever: what was asked for and what is read now must be the same.
  const asked = lastOf(events, 'promotion.requested')?.data;
  if (asked && (asked.record !== version.digest || asked.digest !== version.record.subject.digest)) return 'unknown';
  // Numbers that a script wrote down stay its own word, whoever carries them.
  if (version.record.subject.format === 'metrics') return 'claimed';
  return lastOf(events, 'promotion.weighed')?.data.level ?? version.level;
}

/**
 * Whether nothing but a record is at stake: a rollback whose version succeeded here and runs already. Its traffic has moved, its
 * evidence was judged when it came, and main only has to say so.
 */
export function recordsRollback({
  events,
  live,
  version,
  main,
  generation,
}: Pick<PromotionFacts, 'events' | 'live' | 'version' | 'main' | 'generation'>): boolean {
  const operation = lastOf(events, 'promotion.requested')?.data.operation ?? (main?.generation === generation ? main.operation : 'promote');
  const digest = version?.record.subject.digest;
  return operation === 'rollback' && digest !== undefined && live?.stable?.digest === digest && succeededAt(live, digest) !== null;
}

export interface StaleEvidence {
  /** Names this need among others of the promotion: it is asked for once. */
  readonly why: string;
}

/**
 * Why the evidence does not answer for today: nothing was measured, or baseline or policy are others now, or it is too old. The dataset
 * is frozen by digest in the evaluation; a change of how it is split is a change of the policy. null: it answers.
 */
export function staleEvidence(facts: PromotionFacts): StaleEvidence | null {
  const { version, config, model, stage, now } = facts;
  if (!version) return null;
  const policy = stagePolicy(config, model, stage);
  if (evidenceLevel(facts) === 'claimed' && !policy.allowClaimed) return { why: 'nothing but a claim stands behind it' };
  const { evaluation } = version.record;
  if (!evaluation && !version.report) return { why: 'it was never evaluated' };
  const judgedBy = version.report?.policy.digest ?? evaluation?.policy;
  const today = policyDigest(config, model);
  if (judgedBy !== today) return { why: `the policy is another one now (${short(today)})` };
  const baselines = baselinesNow(facts, policy);
  const comparedWith = version.report?.evaluation ? (version.report.evaluation.baseline?.digest ?? null) : (evaluation?.baseline ?? null);
  if (baselines && !baselines.includes(comparedWith) && !baselines.includes(version.record.subject.digest))
    return { why: `the model at ${policy.baseline.stage} is another one now (${baselines[0] ? short(baselines[0]) : 'none'})` };
  const { maxAgeMs } = policy.baseline;
  if (maxAgeMs !== null && (version.weighedAt === null || now.getTime() - Date.parse(version.weighedAt) > maxAgeMs))
    return {
      why: `it is older than baseline.maxAge (weighed ${version.weighedAt?.slice(0, 16).replace('T', ' ') ?? 'nobody knows when'})`,
    };
  return null;
}

/**
 * Digests that the evidence may have been compared with; null where the stage of the baseline is one that the bot never moved: then
 * only the weigh run can tell. While a rollout runs, what it brings is as current as what it replaces.
 */
function baselinesNow(facts: PromotionFacts, { baseline }: StagePolicy): readonly (string | null)[] | null {
  const { stage, generation, main, live, otherStages, now } = facts;
  if (baseline.stage !== stage) {
    const other = otherStages[baseline.stage];
    return other?.stable ? [other.stable.digest, ...(other.candidate ? [other.candidate.digest] : [])] : null;
  }
  if (main?.generation === generation) return [main.previous?.digest ?? null, ...(live?.stable ? [live.stable.digest] : [])];
  return [effectiveVersion(main, live, now)?.digest ?? null];
}

const short = (digest: string) => digest.replace('sha256:', '').slice(0, 12);

export interface JudgedGates {
  /** Worst of the gates that nobody answered for. */
  readonly verdict: Verdict;
  /** Those that stop it. */
  readonly failed: readonly Pick<GateResult, 'id' | 'status' | 'kind' | 'message'>[];
}

/** The gates of the evidence without those that were overridden; null where nothing was judged. */
export function judgeGates(facts: PromotionFacts): JudgedGates | null {
  const { report, record } = facts.version ?? {};
  if (!report) {
    const verdict = lastOf(facts.events, 'promotion.weighed')?.data.verdict ?? record?.evaluation?.verdict;
    return verdict ? { verdict, failed: [] } : null;
  }
  const answered = new Set(overriddenGates(facts).map(({ gate }) => gate));
  const rest = report.gates.filter(({ id }) => !answered.has(id));
  const gates = worstVerdict(rest.map(({ status }) => status));
  // A report may be worse than its gates, never better.
  const verdict = answered.size === 0 ? worstVerdict([gates, report.verdict]) : gates;
  return { verdict, failed: rest.filter(({ status }) => status === 'fail' || status === 'error') };
}

/** Whether a verdict may go to the stage: pass and warn, and inconclusive unless the policy makes it a failure. */
export const mayGo = (verdict: Verdict, policy: StagePolicy): boolean =>
  verdict === 'pass' || (!policy.requiresPass && (verdict === 'warn' || (verdict === 'inconclusive' && policy.onInconclusive !== 'fail')));

/** Six hours without an answer: the run is lost, and asked for once more. */
const weighSilenceMs = 6 * 3_600_000;

export type WeighProgress =
  | { readonly is: 'not-asked' }
  | { readonly is: 'waiting'; readonly since: string; readonly until: string }
  | { readonly is: 'silent'; readonly attempts: number }
  /** It came back, and did not settle this need. */
  | { readonly is: 'answered' };

/** How far the weigh run is that a need asks for. */
export function weighProgress({ events, now }: PromotionFacts, { why }: StaleEvidence): WeighProgress {
  const weighed = lastOf(events, 'promotion.weighed')?.seq ?? 0;
  const asked = allOf(events, 'promotion.weighing');
  const open = asked.filter(({ seq }) => seq > weighed);
  const last = open.at(-1);
  if (!last) return asked.some(({ data }) => data.why === why) ? { is: 'answered' } : { is: 'not-asked' };
  const until = Date.parse(last.at) + weighSilenceMs;
  if (now.getTime() < until) return { is: 'waiting', since: last.at, until: new Date(until).toISOString() };
  return { is: 'silent', attempts: open.length };
}
