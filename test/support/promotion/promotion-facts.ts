import { policyDigest } from '../../../shared/config/policy-digest.ts';
import { type Config, configSchema } from '../../../shared/config/schema.ts';
import { digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { appendEvent, verifyChain } from '../../../shared/promotion/event-chain.ts';
import { type EventData, newEvent } from '../../../shared/promotion/event-data.ts';
import type { EventLine } from '../../../shared/promotion/event-document.ts';
import { firstLive } from '../../../shared/promotion/first-live.ts';
import type { CommitFacts, Person, Review, Role } from '../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../shared/promotion/live-document.ts';
import type { PromotionFacts, PromotionPull } from '../../../shared/promotion/promotion-facts.ts';
import { type RenderedPromotion, renderPromotion } from '../../../shared/promotion/render-promotion.ts';
import { promotionBranch } from '../../../shared/promotion/state-paths.ts';
import type { VersionRecord } from '../../../shared/registry/version-record.ts';
import type { Report } from '../../../shared/report/report.ts';
import { digestOf, gate } from '../reports/parts.ts';
import { evaluation, report as reportOf } from '../reports/reports.ts';

const person = (id: number, login: string, type: Person['type'] = 'User'): Person => ({ id, login, type });
/** rosa asks, alice trained; anna, ben and dora may approve; rick only reads. */
export const rosa = person(20, 'rosa');
export const alice = person(583231, 'alice');
export const anna = person(11, 'anna');
export const ben = person(12, 'ben');
export const dora = person(13, 'dora');
export const rick = person(14, 'rick');
export const bot = person(900, 'weighin[bot]', 'Bot');
export const webFlow = person(19864447, 'web-flow');

export const now = new Date('2026-11-21T12:00:00.000Z');
export const hoursBefore = (hours: number, from = now) => new Date(from.getTime() - hours * 3_600_000).toISOString();
export const sha = (seed: string) => digestOf(seed).slice(7, 47);
export const mainSha = sha('main');
export const headSha = sha('head');

export const configOf = (
  production: object = {},
  rest: { readonly evaluation?: object; readonly card?: object; readonly rollouts?: object } = {},
): Config =>
  configSchema.parse({
    version: 1,
    models: {
      churn: {
        task: 'binary',
        evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }], ...rest.evaluation },
        ...(rest.card && { card: rest.card }),
        stages: { staging: {}, production },
      },
    },
    ...(rest.rollouts && { rollouts: rest.rollouts }),
  });

export const v = (number: number) => ({ number, digest: digestOf(`v${number}`) });

export const reportFor = (config: Config, given: Partial<Report> = {}): Report => ({
  ...reportOf({
    evaluation: evaluation(),
    gates: [gate({ id: 'roc_auc.min', metric: 'roc_auc', status: 'pass' })],
    evidence: 'measured',
    ...given,
  }),
  policy: { digest: policyDigest(config, 'churn'), file: 'weighin.yaml' },
});

export function recordOf(number: number, report: Report | null, given: Partial<VersionRecord> = {}): VersionRecord {
  return {
    schema: 'weighin/version@1',
    model: 'churn',
    number,
    createdAt: hoursBefore(20),
    trust: 'measured',
    subject: { digest: v(number).digest, bytes: 10, format: 'onnx', opset: 21, signature: null },
    source: {
      repositoryId: 5,
      repository: 'acme/churn',
      commit: sha('training'),
      base: null,
      tree: null,
      pull: 57,
      authors: [alice.id],
      actors: [alice.id],
      builder: 'actions',
    },
    training: null,
    dataset: null,
    evaluation: report && {
      report: digestOf(`report ${number}`),
      decision: digestOf(`decision ${number}`),
      policy: report.policy.digest,
      baseline: report.evaluation?.baseline?.digest ?? null,
      verdict: report.verdict,
    },
    attestation: null,
    ...given,
  };
}

/** What a stage runs, generation by generation: v11 at 41 unless said otherwise. */
export const liveAt = (stage: string, number: number, generation: number, given: Partial<LiveDocument> = {}): LiveDocument => ({
  ...firstLive('churn', stage, { ...v(number), generation }, hoursBefore(100)),
  phase: 'succeeded',
  revision: 3,
  rolloutId: `churn.${stage}.${generation}`,
  ...given,
});

export interface Given {
  readonly production?: object;
  readonly rest?: Parameters<typeof configOf>[1];
  readonly report?: Partial<Report>;
  readonly record?: Partial<VersionRecord>;
  readonly facts?: Partial<PromotionFacts>;
}

/** Nobody asked yet: v11 runs at generation 41, v12 is measured against it and good. */
export function quiet({ production, rest, report: givenReport, record: givenRecord, facts }: Given = {}): PromotionFacts {
  const config = configOf(production, rest);
  const report = reportFor(config, givenReport);
  const record = recordOf(12, report, givenRecord);
  const role = (one: Person, is: Role) => ({ ...one, role: is });
  return {
    model: 'churn',
    stage: 'production',
    generation: 42,
    repositoryId: 5,
    now,
    identity: { id: bot.id, login: bot.login, appId: 77 },
    config,
    mainHead: mainSha,
    main: {
      schema: 'weighin/stage@1',
      model: 'churn',
      stage: 'production',
      generation: 41,
      operation: 'promote',
      promotion: 'churn.production.41',
      version: { ...v(11), record: digestOf('record 11') },
      previous: { ...v(10), generation: 40 },
      plan: digestOf('plan 41'),
      rollout: null,
    },
    live: liveAt('production', 11, 41),
    otherStages: { staging: null },
    events: [],
    version: {
      record,
      digest: digestOfDocument(record),
      level: 'attested',
      report,
      decision: record.evaluation?.decision ?? null,
      weighedAt: record.createdAt,
      actors: [alice.id],
    },
    pull: null,
    people: {
      writers: [role(rosa, 'admin'), role(alice, 'write'), role(anna, 'maintain'), role(ben, 'write'), role(dora, 'write')],
      teams: {},
    },
    ...facts,
  };
}

export function withEvent<Type extends keyof EventData>(
  facts: PromotionFacts,
  type: Type,
  data: EventData[Type],
  {
    actor = bot,
    cause = `test:${facts.events.length}`,
    at = hoursBefore(1),
  }: { readonly actor?: Person; readonly cause?: string; readonly at?: string } = {},
): PromotionFacts {
  const { model, stage, generation } = facts;
  const text = appendEvent(textOf(facts.events), newEvent(type, actor, cause, data), {
    at,
    by: 'weighin[bot]/1',
    model,
    stage,
    generation,
  });
  return { ...facts, events: verifyChain(text).lines };
}
const textOf = (events: readonly EventLine[]) => {
  let text = '';
  for (const { type, actor, cause, data, at, by, model, stage, generation } of events)
    text = appendEvent(text, { type, actor, cause, data }, { at, by, model, stage, generation });
  return text;
};

/** Asked for by rosa, two hours ago. */
export function requested(given: Given = {}, { actor = rosa, operation = 'promote' as 'promote' | 'rollback' } = {}): PromotionFacts {
  const facts = quiet(given);
  const { record, digest } = facts.version ?? { record: recordOf(12, null), digest: digestOf('record 12') };
  return withEvent(
    facts,
    'promotion.requested',
    { version: record.number, digest: record.subject.digest, record: digest, reason: null, operation },
    { actor, cause: 'comment:1:1', at: hoursBefore(2) },
  );
}

export const commit = (given: Partial<CommitFacts> = {}): CommitFacts => ({
  oid: headSha,
  at: hoursBefore(1),
  message: 'Promote',
  authors: [bot],
  committer: webFlow,
  verified: true,
  ...given,
});

export const review = (by: Person, given: Partial<Review> = {}): Review => ({
  id: by.id * 10,
  person: by,
  state: 'approved',
  commit: headSha,
  at: hoursBefore(0.5),
  canPush: true,
  ...given,
});

export const rendered = (facts: PromotionFacts): RenderedPromotion => {
  const found = renderPromotion(facts);
  if (!found) throw new Error('nothing to render');
  return found;
};

/** Its pull request as the bot writes it for these facts, with reviews; `change` is what an attacker or time did to it. */
export function withPull(
  facts: PromotionFacts,
  reviews: readonly Review[] = [],
  change: {
    readonly snapshot?: Partial<PromotionPull['snapshot']>;
    readonly files?: Readonly<Record<string, string | null>>;
    readonly planAt?: Readonly<Record<string, string | null>>;
  } = {},
): PromotionFacts {
  const { files, planDigest } = rendered(facts);
  const filesAtHead = new Map<string, string | null>([
    ...files.map(({ path, text }) => [path, text] as const),
    ...Object.entries(change.files ?? {}),
  ]);
  const branch = promotionBranch(facts.model, facts.stage, facts.generation, 1);
  const pull: PromotionPull = {
    snapshot: {
      number: 60,
      state: 'open',
      draft: false,
      base: 'main',
      head: { sha: headSha, branch, owner: 'acme', fork: false },
      author: bot,
      updatedAt: hoursBefore(1),
      title: '',
      body: '',
      createdAt: hoursBefore(1),
      mergedAs: null,
      mergeable: 'yes',
      queue: { required: false, queued: false },
      files: [...filesAtHead.keys()],
      moreFiles: false,
      commits: [commit()],
      moreCommits: false,
      reviews,
      ...change.snapshot,
    },
    planAt: new Map([[headSha, planDigest], ...Object.entries(change.planAt ?? {})]),
    filesAtHead,
  };
  return withEvent(
    { ...facts, pull },
    'promotion.planned',
    { plan: planDigest, pull: 60, branch, commit: headSha },
    { cause: `plan:${branch}` },
  );
}

/** Approved by anna: nothing is unmet. */
export const ready = (given: Given = {}, reviews: readonly Review[] = [review(anna)]): PromotionFacts =>
  withPull(requested(given), reviews);

/** The default branch names it now; a person merged it, or the bot. */
export function merged(facts: PromotionFacts): PromotionFacts {
  const { document } = rendered(facts);
  const pull = facts.pull && {
    ...facts.pull,
    snapshot: { ...facts.pull.snapshot, state: 'merged' as const, mergedAs: { sha: sha('merge'), by: anna, at: hoursBefore(0.1) } },
  };
  return { ...facts, main: document, pull };
}
