import type { StageDocument } from '../registry/stage-document.ts';
import { stageDocumentSchema } from '../registry/stage-document.ts';
import { type VersionRecord, versionRecordSchema } from '../registry/version-record.ts';
import { recordPath } from '../registry/work-tree-paths.ts';
import { allOf, lastOf, type ReadEvent } from './event-data.ts';
import type { EventLine } from './event-document.ts';
import type { Person } from './forge.ts';
import { chainOf, eventGenerations, parseJson, type StageFiles } from './stage-files.ts';

/** One change of a stage: what it pointed at, who wanted it, who agreed, and on what evidence. */
export interface Turn {
  readonly generation: number;
  readonly operation: StageDocument['operation'];
  readonly version: { readonly number: number; readonly digest: string };
  /** Where it came onto the default branch, and when. */
  readonly commit: string;
  readonly mergedAt: string;
  readonly plan: string;
  readonly requestedBy: Person | null;
  readonly reason: string | null;
  readonly approvals: readonly { readonly person: Person; readonly as: string; readonly review: number; readonly commit: string }[];
  readonly overrides: readonly { readonly gate: string; readonly reason: string; readonly by: Person }[];
  readonly evidence: {
    /** Digests of the version's record, of the report and of its decision. */
    readonly record: string;
    readonly report: string | null;
    readonly decision: string | null;
    readonly verdict: string | null;
    /** How far it was believed: of the promotion's own weigh run, else as the record says. */
    readonly trust: string | null;
    readonly commit: string | null;
  };
  /** `rolled back`, `failed`, `superseded`: its own rollout did not end well. `without the bot`: no event tells of it, as before the bot came. */
  readonly outcome: 'started' | 'rolled back' | 'failed' | 'superseded' | 'refused' | 'waiting' | 'without the bot';
}

/** What a stage ran from one instant to the next. */
export interface Stay {
  readonly from: string;
  /** null: still. */
  readonly to: string | null;
  readonly version: { readonly number: number; readonly digest: string };
  readonly generation: number;
  readonly by: 'promotion' | 'rollback';
}

export interface StageHistory {
  /** Newest first. */
  readonly turns: readonly Turn[];
  /** Newest first. */
  readonly stays: readonly Stay[];
}

/** What a stage pointed at and what it ran, from Git alone. Documents that cannot be read are passed over: `audit` finds those. */
export function stageHistory(files: StageFiles): StageHistory {
  const turns = files.commits.flatMap((commit) => {
    const parsed = stageDocumentSchema.safeParse(commit.text === null ? null : parseJson(commit.text));
    return parsed.success ? [turnOf(files, parsed.data, commit.oid, commit.at)] : [];
  });
  return { turns: [...turns].reverse(), stays: [...staysOf(files, turns)].reverse() };
}

/** What a stage ran at an instant; null before its first version. */
export const stayAt = ({ stays }: StageHistory, instant: Date): Stay | null =>
  stays.find(({ from, to }) => Date.parse(from) <= instant.getTime() && (to === null || instant.getTime() < Date.parse(to))) ?? null;

function turnOf(files: StageFiles, document: StageDocument, commit: string, mergedAt: string): Turn {
  const { generation, operation, version, plan } = document;
  const events = chainOf(files, generation).lines;
  const asked = lastOf(events, 'promotion.requested');
  const weighed = lastOf(events, 'promotion.weighed');
  const record = recordIn(files, version.number);
  const has = (type: EventLine['type']) => events.some((event) => event.type === type);
  return {
    generation,
    operation,
    version: { number: version.number, digest: version.digest },
    commit,
    mergedAt,
    plan,
    requestedBy: asked?.actor ?? null,
    reason: asked?.data.reason ?? null,
    approvals: approvalsOf(events, plan).map(({ actor, data }) => ({
      person: actor,
      as: data.as,
      review: data.review,
      commit: data.commit,
    })),
    overrides: allOf(events, 'gate.overridden').map(({ actor, data }) => ({ gate: data.gate, reason: data.reason, by: actor })),
    evidence: {
      record: version.record,
      report: weighed?.data.report ?? record?.evaluation?.report ?? null,
      decision: weighed?.data.decision ?? record?.evaluation?.decision ?? null,
      verdict: weighed?.data.verdict ?? record?.evaluation?.verdict ?? null,
      trust: weighed?.data.level ?? record?.trust ?? null,
      commit: record?.source.commit ?? null,
    },
    outcome: has('promotion.started')
      ? endOf(has)
      : has('promotion.refused-at-start')
        ? 'refused'
        : events.length > 0
          ? 'waiting'
          : 'without the bot',
  };
}

/** How the rollout of what was started ended, where it did not end well. */
function endOf(has: (type: EventLine['type']) => boolean): Turn['outcome'] {
  if (has('rollout.rolled-back')) return 'rolled back';
  if (has('rollout.failed')) return 'failed';
  return has('rollout.superseded') ? 'superseded' : 'started';
}

/** Approvals of one plan that were counted and not taken back. */
export function approvalsOf(events: readonly EventLine[], plan: string): readonly ReadEvent<'approval.counted'>[] {
  const gone = allOf(events, 'approval.withdrawn');
  return allOf(events, 'approval.counted').filter(
    ({ data, seq }) => data.plan === plan && !gone.some((one) => one.data.review === data.review && one.seq > seq),
  );
}

export function recordIn({ model, registry }: StageFiles, number: number): VersionRecord | null {
  const text = registry.get(recordPath(model, number));
  return text === undefined ? null : (versionRecordSchema.safeParse(parseJson(text)).data ?? null);
}

/** A version runs from where its rollout succeeded, or it was gone back to; without events, from where the stage file named it. */
function staysOf(files: StageFiles, turns: readonly Turn[]): readonly Stay[] {
  const told = eventGenerations(files).flatMap((generation) => {
    const events = chainOf(files, generation).lines;
    const succeeded = allOf(events, 'rollout.succeeded').map(({ at, data }) => ({
      from: at,
      version: data.version,
      generation,
      by: 'promotion' as const,
    }));
    const back = allOf(events, 'rollback.requested').map(({ at, data }) => ({
      from: at,
      version: data.to,
      generation,
      by: 'rollback' as const,
    }));
    return [...succeeded, ...back];
  });
  const untold = turns
    .filter(({ outcome }) => outcome === 'without the bot')
    .map(({ mergedAt, version, generation }) => ({
      from: new Date(mergedAt).toISOString(),
      version,
      generation,
      by: 'promotion' as const,
    }));
  const moves = [...told, ...untold].sort((a, b) => Date.parse(a.from) - Date.parse(b.from));
  const changes = moves.filter((move, index) => moves[index - 1]?.version.digest !== move.version.digest);
  return changes.map((change, index) => ({ ...change, to: changes[index + 1]?.from ?? null }));
}
