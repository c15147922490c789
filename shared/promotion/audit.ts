import type { Config } from '../config/schema.ts';
import { canonicalJson, digestOf, digestOfDocument } from '../digest/canonical-json.ts';
import { planDocumentSchema, type StageDocument, stageDocumentSchema } from '../registry/stage-document.ts';
import { planPath, recordPath, stagePath } from '../registry/work-tree-paths.ts';
import { seatsOf } from './count-approvals.ts';
import { allOf, lastOf } from './event-data.ts';
import type { EventLine } from './event-document.ts';
import { chainOf, eventGenerations, parseJson, readLive, type StageCommit, type StageFiles } from './stage-files.ts';
import { approvalsOf, recordIn } from './stage-history.ts';
import { stagePolicy } from './stage-policy.ts';
import { eventsPath, livePath, promotionId } from './state-paths.ts';

export interface Finding {
  /** broken: something is not what it says. note: it cannot be told, or was done without the bot. */
  readonly severity: 'broken' | 'note';
  readonly stage: string;
  readonly generation: number | null;
  readonly code: string;
  readonly message: string;
  readonly file: string | null;
}

export interface Audit {
  readonly findings: readonly Finding[];
  /** What was looked at, so that an empty list means something. */
  readonly generations: number;
  readonly events: number;
  readonly approvals: number;
}

/** The policy as it was at a commit of the default branch; null where it cannot be read. */
export type ConfigAt = (commit: string) => Config | null;

type Report = (severity: Finding['severity'], generation: number | null, code: string, message: string, file: string | null) => void;

/**
 * Holds everything that Git tells about a stage against itself: the stage files against their plans and records, the events against their
 * chain, and each start against the approvals of its plan. Proves what was written, not that nothing was left out: a force-push of both
 * branches shows only where somebody kept an older copy.
 */
export function auditStage(files: StageFiles, configAt: ConfigAt): Audit {
  const findings: Finding[] = [];
  const report: Report = (severity, generation, code, message, file) => {
    findings.push({ severity, stage: files.stage, generation, code, message, file });
  };
  const documents = readDocuments(files, report);
  const told = eventGenerations(files);
  const chains = new Map(told.map((generation) => [generation, readChain(files, generation, report)]));
  const firstTold = told.find((generation) => generation > 0) ?? Number.POSITIVE_INFINITY;
  let approvals = 0;
  for (const { document, commit } of documents.values()) {
    checkFiles(files, document, report);
    const { generation } = document;
    const events = chains.get(generation) ?? [];
    if (events.length === 0) {
      const [severity, why] = generation < firstTold ? (['note', 'came before the bot'] as const) : (['broken', 'has no events'] as const);
      report(
        severity,
        generation,
        'NO_EVENTS',
        `Generation ${generation} ${why}: who asked and who approved is not known.`,
        eventsPath(files.model, files.stage, generation),
      );
      continue;
    }
    if (events.some(({ type }) => type === 'promotion.started'))
      approvals += checkApprovals(files, document, events, configAt(commit.oid), report);
  }
  for (const [generation, events] of chains)
    if (!documents.has(generation) && events.some(({ type }) => type === 'promotion.started'))
      report(
        'broken',
        generation,
        'STARTED_UNMERGED',
        `Generation ${generation} was started, and the default branch never named it.`,
        eventsPath(files.model, files.stage, generation),
      );
  checkLive(files, documents, report);
  return { findings, generations: documents.size, events: [...chains.values()].reduce((sum, lines) => sum + lines.length, 0), approvals };
}

interface Placed {
  readonly document: StageDocument;
  readonly commit: StageCommit;
}

/** The stage file's documents by generation: each follows the one before by exactly 1. */
function readDocuments({ model, stage, commits }: StageFiles, report: Report): ReadonlyMap<number, Placed> {
  const file = stagePath(model, stage);
  const found = new Map<number, Placed>();
  let last: StageDocument | null = null;
  for (const commit of commits) {
    const at = commit.oid.slice(0, 8);
    const parsed = stageDocumentSchema.safeParse(commit.text === null ? null : parseJson(commit.text));
    if (!parsed.success) {
      report(
        'broken',
        null,
        'STAGE_FILE_INVALID',
        `${commit.text === null ? 'Commit' : 'The file of commit'} ${at} ${commit.text === null ? 'takes the stage file away' : 'is not what Weighin writes'}.`,
        file,
      );
      continue;
    }
    const document: StageDocument = parsed.data;
    const { generation, previous } = document;
    if (document.model !== model || document.stage !== stage || document.promotion !== promotionId(model, stage, generation))
      report('broken', generation, 'STAGE_FILE_FOREIGN', `The file of commit ${at} speaks of ${document.promotion}.`, file);
    if (last && generation !== last.generation + 1)
      report('broken', generation, 'GENERATION_JUMPED', `Commit ${at} goes from generation ${last.generation} to ${generation}.`, file);
    if (
      last &&
      (previous?.digest !== last.version.digest || previous.number !== last.version.number || previous.generation !== last.generation)
    )
      report(
        'broken',
        generation,
        'PREVIOUS_WRONG',
        `Generation ${generation} does not say that it follows v${last.version.number} of generation ${last.generation}.`,
        file,
      );
    last = document;
    found.set(generation, { document, commit });
  }
  return found;
}

/** Plan and record of a generation, by their digests. */
function checkFiles(files: StageFiles, { generation, plan, version, operation, previous, rollout }: StageDocument, report: Report): void {
  const { model, stage, registry } = files;
  const planFile = planPath(model, stage, generation);
  const planText = registry.get(planFile);
  const parsed = planDocumentSchema.safeParse(planText === undefined ? null : parseJson(planText));
  if (planText === undefined) report('broken', generation, 'PLAN_MISSING', `The plan of generation ${generation} is gone.`, planFile);
  else if (digestOf(new TextEncoder().encode(planText)) !== plan || !parsed.success)
    report(
      'broken',
      generation,
      'PLAN_CHANGED',
      `The plan of generation ${generation} is not the one that the stage file names.`,
      planFile,
    );
  else {
    const { to, record, from, ...rest } = parsed.data;
    const says = {
      model,
      stage,
      generation,
      operation,
      rollout,
      from: previous,
      to: { number: version.number, digest: version.digest },
      record: version.record,
    };
    const planned = {
      model: rest.model,
      stage: rest.stage,
      generation: rest.generation,
      operation: rest.operation,
      rollout: rest.rollout,
      from,
      to,
      record,
    };
    if (canonicalJson(says) !== canonicalJson(planned))
      report(
        'broken',
        generation,
        'PLAN_DIFFERS',
        `The stage file of generation ${generation} says another thing than its plan.`,
        stagePath(model, stage),
      );
  }
  const recordFile = recordPath(model, version.number);
  const record = recordIn(files, version.number);
  if (!record) report('broken', generation, 'RECORD_MISSING', `The record of v${version.number} is gone, or cannot be read.`, recordFile);
  else if (digestOfDocument(record) !== version.record || record.subject.digest !== version.digest)
    report(
      'broken',
      generation,
      'RECORD_CHANGED',
      `The record of v${version.number} is not the one that generation ${generation} names.`,
      recordFile,
    );
}

function readChain(files: StageFiles, generation: number, report: Report): readonly EventLine[] {
  const { model, stage } = files;
  const file = eventsPath(model, stage, generation);
  const chain = chainOf(files, generation);
  if (!chain.whole) report('broken', generation, 'CHAIN_BROKEN', `Line ${chain.line} of its events: ${chain.why}.`, file);
  const foreign = chain.lines.find((line) => line.model !== model || line.stage !== stage || line.generation !== generation);
  if (foreign) report('broken', generation, 'CHAIN_FOREIGN', `Its events are those of ${foreign.promotion}.`, file);
  return chain.lines;
}

/** Whether enough people approved the very plan that started, and none of them was excluded; how many did. */
function checkApprovals(
  files: StageFiles,
  document: StageDocument,
  events: readonly EventLine[],
  config: Config | null,
  report: Report,
): number {
  const { model, stage } = files;
  const { generation, plan, version } = document;
  const file = eventsPath(model, stage, generation);
  const counted = approvalsOf(events, plan);
  const people = new Map(counted.map(({ actor }) => [actor.id, actor]));
  const requester = lastOf(events, 'promotion.requested')?.actor ?? null;
  if (!requester)
    report('broken', generation, 'REQUEST_MISSING', `Generation ${generation} was started, and no event says who asked for it.`, file);
  const source = recordIn(files, version.number)?.source;
  const excluded: readonly (readonly [string, ReadonlySet<number>])[] = [
    ['asked for it', new Set(requester ? [requester.id] : [])],
    ['is an author of the model', new Set(source?.authors)],
    ['started the run behind it', new Set([...(source?.actors ?? []), ...(lastOf(events, 'promotion.weighed')?.data.actors ?? [])])],
    ['answered for a gate', new Set(allOf(events, 'gate.overridden').map(({ actor }) => actor.id))],
  ];
  for (const [id, person] of people)
    for (const [why, ids] of excluded)
      if (ids.has(id)) {
        report('broken', generation, 'APPROVAL_EXCLUDED', `@${person.login} approved generation ${generation}, and ${why}.`, file);
        people.delete(id);
      }
  const declared = config?.models[model]?.stages[stage];
  if (!config || !declared) {
    report(
      'note',
      generation,
      'POLICY_UNKNOWN',
      `The policy of generation ${generation} cannot be read any more, so how many approvals it asked for is not known.`,
      null,
    );
    return people.size;
  }
  const wanted = seatsOf(stagePolicy(config, model, stage), false).length;
  if (people.size < wanted)
    report(
      'broken',
      generation,
      'APPROVALS_MISSING',
      `Generation ${generation} was started with ${people.size} of ${wanted} approvals of its plan.`,
      file,
    );
  return people.size;
}

function checkLive(files: StageFiles, documents: ReadonlyMap<number, Placed>, report: Report): void {
  const { model, stage, state } = files;
  const file = livePath(model, stage);
  if (!state.has(file)) return;
  let live: ReturnType<typeof readLive>;
  try {
    live = readLive(files);
  } catch {
    report('broken', null, 'LIVE_INVALID', 'The live state is not what Weighin writes.', file);
    return;
  }
  if (!live) return;
  const newest = Math.max(0, ...documents.keys());
  if (live.generation > newest)
    report(
      'broken',
      live.generation,
      'LIVE_AHEAD',
      `The live state is at generation ${live.generation}; the default branch has come to ${newest}.`,
      file,
    );
  const followed = documents.get(live.generation)?.document;
  if (followed && live.rolloutId === followed.promotion && live.plan !== followed.plan)
    report('broken', live.generation, 'LIVE_PLAN', 'The live state follows another plan than the stage file names.', file);
}
