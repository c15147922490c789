import { placeOf } from '../rollout/ab/assign-arm.ts';
import { countError, observe } from './arm-counts.ts';
import { askModel, type FailureReason } from './ask-model.ts';
import type { Decision } from './decide.ts';
import type { FleetMember } from './fleet.ts';
import { mirrorRows } from './mirror-rows.ts';
import { askedFeatures, readAsked } from './read-asked.ts';
import type { ServedRow } from './read-row.ts';
import { countAnswer, logAnswer, since } from './record-answer.ts';
import { RefusedRequest } from './refused-request.ts';
import type { RowAnswer } from './row-answer.ts';
import { type ServingEngine, variantOf } from './serving-engine.ts';
import { tellFailure } from './tell-failure.ts';

/** Rows as a request gave them. */
export interface RowsRequest {
  readonly rows: readonly unknown[];
  /** One a row. */
  readonly ids: readonly string[];
  /** `settings.clock` when the request arrived. */
  readonly arrived: number;
  /** Value of the header that users are told apart by, where one was given. */
  readonly unit: string | undefined;
  /** The body was one row, not a list: messages name its fields without a place. */
  readonly single: boolean;
}

interface Group {
  readonly member: FleetMember;
  readonly variant: string | null;
  /** Places in the request. */
  readonly places: number[];
  readonly rows: ServedRow[];
}

/**
 * Answers rows: chooses a version for each, reads it by that version's fields, asks the model, falls back where it gives no answer, counts
 * and logs, and mirrors to the shadows. Nothing is asked before every row is read.
 * @throws RefusedRequest what reading throws, MODEL_LATE, MODEL_FAILED, CIRCUIT_OPEN
 */
export async function answerRows(engine: ServingEngine, request: RowsRequest): Promise<readonly RowAnswer[]> {
  const groups = groupRows(engine, request);
  const answers = new Array<RowAnswer>(request.rows.length);
  if (groups.length === 1) await answerGroup(engine, request, groups[0]!, answers);
  else await Promise.all(groups.map((group) => answerGroup(engine, request, group, answers)));
  if (engine.shadows.size > 0) mirrorRows(engine, { rows: request.rows, answers });
  return answers;
}

function groupRows(engine: ServingEngine, request: RowsRequest): readonly Group[] {
  const { fleet, settings, traffic } = engine;
  // Few versions: a search costs less than a map for each request.
  const groups: Group[] = [];
  const draw = request.unit === undefined ? settings.random() : placeOf(request.unit, settings.salt);
  const sticky = settings.sticky && 'field' in settings.sticky ? settings.sticky.field : null;
  for (let place = 0; place < request.rows.length; place++) {
    const row = request.rows[place];
    const at = request.single ? '' : `rows[${place}].`;
    const version = traffic.choose(sticky === null ? draw : unitDraw(row, sticky, settings.salt, at));
    let group = groups.find((found) => found.member.model.version === version);
    if (!group) {
      const member = fleet.get(version);
      if (!member) throw new RefusedRequest(503, 'VERSION_NOT_SERVED', `${version} is not loaded.`, { retryAfter: 1 });
      group = { member, variant: variantOf(engine, version), places: [], rows: [] };
      groups.push(group);
    }
    const { member } = group;
    try {
      group.rows.push(readAsked(row, member.model, allowed(fleet.known, sticky), at));
    } catch (error) {
      countError(member.arm(group.variant ?? ''), 'refused');
      throw error;
    }
    group.places.push(place);
  }
  return groups;
}

let lastAllowed: {
  readonly known: ReadonlySet<string>;
  readonly size: number;
  readonly sticky: string | null;
  readonly set: ReadonlySet<string>;
} | null = null;
/** Fields that may stand in a row beside the model's own: those of other versions, the id, and what users are told apart by. */
function allowed(known: ReadonlySet<string>, sticky: string | null): ReadonlySet<string> {
  if (lastAllowed?.known === known && lastAllowed.size === known.size && lastAllowed.sticky === sticky) return lastAllowed.set;
  const set = new Set([...known, 'id', ...(sticky === null ? [] : [sticky])]);
  lastAllowed = { known, size: known.size, sticky, set };
  return set;
}

function unitDraw(row: unknown, field: string, salt: string, at: string): number {
  const unit = typeof row === 'object' && row !== null && Object.hasOwn(row, field) ? (row as Record<string, unknown>)[field] : undefined;
  if (typeof unit === 'string' || typeof unit === 'number') return placeOf(String(unit), salt);
  throw new RefusedRequest(422, 'FIELD_MISSING', `${field} is missing or is neither text nor a number: it decides which version answers.`, {
    field: at + field,
  });
}

async function answerGroup(engine: ServingEngine, request: RowsRequest, group: Group, answers: RowAnswer[]): Promise<void> {
  const { settings } = engine;
  const { member, variant, places, rows } = group;
  const arm = member.arm(variant ?? '');
  arm.requests++;
  arm.rows += rows.length;
  const asked = await askModel(member, () => member.batcher.score(rows, settings.clock() + settings.timeoutMs), settings.timeoutMs);
  const decisions = asked.ok ? asked.result.map(member.decide) : await fallBack(engine, request, group);
  const latency = since(settings.clock(), request.arrived);
  observe(arm.latency, latency / 1000);
  if (!asked.ok) {
    countError(arm, asked.reason);
    tellFailure(engine, member.model.version, asked.reason, asked.error);
    if (!decisions) throw refusal(asked.reason, member.model.version);
    arm.degraded++;
  }
  for (let index = 0; index < places.length; index++) {
    const place = places[index]!;
    const { score, prediction, decision } = decisions![index]!;
    const answer: RowAnswer = {
      score,
      prediction,
      ...(decision !== undefined && { decision }),
      model_version: member.model.version,
      latency_ms: latency,
      id: request.ids[place]!,
      ...(!asked.ok && { degraded: true as const }),
    };
    answers[place] = answer;
    if (asked.ok) countAnswer(group, asked.result[index]!, answer);
    const features = () => askedFeatures(request.rows[place], member.model);
    logAnswer(engine, group, features, asked.ok ? asked.result[index]! : null, answer);
  }
}

/** Null where there is nothing to fall back on, or where that fails too. */
async function fallBack(engine: ServingEngine, request: RowsRequest, group: Group): Promise<readonly DecisionOrLabel[] | null> {
  const { fallback, timeoutMs, clock } = engine.settings;
  if (!fallback) return null;
  if ('constant' in fallback) {
    const { constant } = fallback;
    const one: DecisionOrLabel =
      typeof constant === 'number'
        ? group.member.decide({ score: constant, probabilities: null, classes: null })
        : { score: null, prediction: constant };
    return group.rows.map(() => one);
  }
  const member = engine.fleet.get(fallback.version);
  if (!member || member === group.member) return null;
  try {
    const rows = group.places.map((place) => readAsked(request.rows[place], member.model, engine.fleet.known, ''));
    const asked = await askModel(member, () => member.batcher.score(rows, clock() + timeoutMs), timeoutMs);
    return asked.ok ? asked.result.map(member.decide) : null;
  } catch (error) {
    // The other version may read other fields than these rows have.
    if (error instanceof RefusedRequest) return null;
    throw error;
  }
}
type DecisionOrLabel = Omit<Decision, 'score'> & { readonly score: number | null };

/** A model that gave no answer, and nothing to fall back on. */
export function refusal(reason: FailureReason, version: string): RefusedRequest {
  if (reason === 'late') return new RefusedRequest(504, 'MODEL_LATE', `${version} did not answer in time.`);
  if (reason === 'open')
    return new RefusedRequest(503, 'CIRCUIT_OPEN', `${version} failed too often just now and rests.`, { retryAfter: 1 });
  return new RefusedRequest(500, 'MODEL_FAILED', `${version} failed on this request.`);
}
