import type { z } from 'zod';
import { canonicalJson, digestOfDocument } from '../digest/canonical-json.ts';
import { type PlanDocument, planDocumentSchema, type StageDocument, stageDocumentSchema } from '../registry/stage-document.ts';
import { versionRecordSchema } from '../registry/version-record.ts';
import { planPath, recordPath, stagePath } from '../registry/work-tree-paths.ts';
import type { CommitFacts, Identity } from './forge.ts';
import type { PromotionFacts, PromotionPull } from './promotion-facts.ts';
import type { RenderedPromotion } from './render-promotion.ts';

/** exact: the plan of today, to the byte. stale: a plan that the bot rendered before. tampered: something that it never wrote. */
export interface RenderCheck {
  readonly is: 'exact' | 'stale' | 'tampered';
  readonly why: string;
}

/** GitHub's own account, which signs commits that are made through its API. */
const webFlow = 19864447;

/**
 * Whether the pull request is a plan and nothing else: exactly the plan's files, each byte as rendered, every commit the bot's.
 * A record that lies on the default branch already is no change, so it may be missing from the changed files.
 */
export function checkRender(facts: PromotionFacts, pull: PromotionPull, today: RenderedPromotion | null): RenderCheck {
  const foreign = foreignCommit(pull, facts.identity);
  if (foreign) return { is: 'tampered', why: foreign };
  const { snapshot, filesAtHead } = pull;
  if (snapshot.moreFiles) return { is: 'tampered', why: 'it changes more files than a plan has' };
  const paths = [...new Set([...snapshot.files, ...filesAtHead.keys()])];
  const matches = (path: string, text: string) => (filesAtHead.has(path) ? filesAtHead.get(path) === text : false);

  if (today) {
    const record = today.files[0];
    const wanted = new Map(today.files.map(({ path, text }) => [path, text]));
    const missing = today.files.filter(({ path }) => path !== record?.path && !paths.includes(path));
    if (missing.length === 0 && paths.every((path) => matches(path, wanted.get(path) ?? '\0'))) return { is: 'exact', why: '' };
  }
  const wrong = whyNoPlan(facts, pull, paths);
  return wrong ? { is: 'tampered', why: wrong } : { is: 'stale', why: 'its plan is not the one of today' };
}

/** What keeps the files from being one rendered plan of this promotion; null where they are one. */
function whyNoPlan({ model, stage, generation }: PromotionFacts, { filesAtHead }: PromotionPull, paths: readonly string[]): string | null {
  const planFile = planPath(model, stage, generation);
  const stageFile = stagePath(model, stage);
  const plan = parse(filesAtHead.get(planFile), planDocumentSchema);
  if (!plan) return `${planFile} is missing, or is not what Weighin writes`;
  const document = parse(filesAtHead.get(stageFile), stageDocumentSchema);
  if (!document) return `${stageFile} is missing, or is not what Weighin writes`;
  const recordFile = recordPath(model, plan.to.number);
  const extra = paths.find((path) => path !== planFile && path !== stageFile && path !== recordFile);
  if (extra !== undefined) return `it changes ${extra}, which is no part of the plan`;
  if (!followsPlan(document, plan, { model, stage, generation })) return `${stageFile} does not follow from ${planFile}`;
  if (!paths.includes(recordFile)) return null;
  const record = parse(filesAtHead.get(recordFile), versionRecordSchema);
  return record && digestOfDocument(record) === plan.record ? null : `${recordFile} is not the record that the plan names`;
}

function followsPlan(
  document: StageDocument,
  plan: PlanDocument,
  { model, stage, generation }: Pick<PromotionFacts, 'model' | 'stage' | 'generation'>,
): boolean {
  const expected = {
    schema: 'weighin/stage@1',
    model,
    stage,
    generation,
    operation: plan.operation,
    promotion: `${model}.${stage}.${generation}`,
    version: { number: plan.to.number, digest: plan.to.digest, record: plan.record },
    previous: plan.from,
    plan: digestOfDocument(plan),
    rollout: plan.rollout,
  };
  return (
    plan.model === model && plan.stage === stage && plan.generation === generation && canonicalJson(document) === canonicalJson(expected)
  );
}

/** The first commit that is not the bot's, in words; null where all are. */
function foreignCommit({ snapshot }: PromotionPull, identity: Identity): string | null {
  if (snapshot.moreCommits) return 'it has more commits than the bot makes';
  const foreign = snapshot.commits.find((commit) => !isOwn(commit, identity));
  if (!foreign) return null;
  const names = [...foreign.authors, foreign.committer].filter((person) => person?.id !== identity.id && person?.id !== webFlow);
  const who = names.map((person) => (person ? `@${person.login}` : 'an unknown account'));
  return `commit ${foreign.oid.slice(0, 8)} is by ${[...new Set(who)].join(' and ') || 'nobody'}, not by ${identity.login}`;
}

function isOwn({ authors, committer, verified }: CommitFacts, { id }: Identity): boolean {
  const written = authors.length > 0 && authors.every((author) => author?.id === id);
  const committed = committer === null ? verified : committer.id === id || committer.id === webFlow;
  return written && committed;
}

/** Valid, and canonical to the byte. */
function parse<Schema extends z.ZodType>(text: string | null | undefined, schema: Schema): z.infer<Schema> | null {
  if (text === null || text === undefined) return null;
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  const parsed = schema.safeParse(content);
  return parsed.success && canonicalJson(parsed.data) === text ? parsed.data : null;
}
