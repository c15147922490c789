import { placeOf } from '../rollout/ab/assign-arm.ts';
import type { Tensor } from '../scoring/inference-session.ts';
import { refusal } from './answer-rows.ts';
import { type ArmCounts, countError, observe } from './arm-counts.ts';
import { askModel } from './ask-model.ts';
import { type RowScore, toScores } from './batch-rows.ts';
import { rowsOfFeeds } from './feed-rows.ts';
import type { FleetMember } from './fleet.ts';
import { type InferRequest, inferParameter, inferResponse, readInferRequest } from './inference-protocol.ts';
import { mirrorRows } from './mirror-rows.ts';
import { readValue } from './read-row.ts';
import { type Answerer, countAnswer, logAnswer, since } from './record-answer.ts';
import { RefusedRequest } from './refused-request.ts';
import type { RowAnswer } from './row-answer.ts';
import { type ServingEngine, variantOf } from './serving-engine.ts';
import { tellFailure } from './tell-failure.ts';

export interface InferCall {
  readonly body: unknown;
  /** Named in the address; else the weights choose. */
  readonly version: string | undefined;
  readonly arrived: number;
  /** Value of the header that users are told apart by, where one was given. */
  readonly unit: string | undefined;
  /** `X-Request-Id`, for a body without an id. */
  readonly headerId: string | undefined;
}

/**
 * One call of the Open Inference Protocol: tensors in, the graph's own outputs back. Contract, weights, stickiness, breaker, time limit,
 * counts, prediction log and shadows are those of `/predict`; only a fallback has no tensors to give. Rows are logged and mirrored by the names
 * of the model's fields, where each tensor holds one value a row and field.
 */
export async function answerInfer(engine: ServingEngine, call: InferCall): Promise<object> {
  const { settings, fleet } = engine;
  const version = call.version ?? chooseVersion(engine, call);
  const member = fleet.get(version);
  if (!member) throw new RefusedRequest(404, 'VERSION_NOT_SERVED', `This server has no such version of ${settings.model}.`);
  const answerer = { member, variant: variantOf(engine, version) };
  const arm = member.arm(answerer.variant ?? '');
  const request = readRequest(engine, member, arm, call.body);
  arm.requests++;
  arm.rows += request.rows;
  const fetches = [...new Set([...request.outputs, ...member.model.fetches])];
  const asked = await askModel(member, () => run(member, request, fetches), settings.timeoutMs);
  const latency = since(settings.clock(), call.arrived);
  observe(arm.latency, latency / 1000);
  if (!asked.ok) {
    countError(arm, asked.reason);
    tellFailure(engine, version, asked.reason, asked.error);
    throw refusal(asked.reason, version);
  }
  const { tensors, scores } = asked.result;
  const id = request.id ?? call.headerId ?? settings.newId();
  const answers = scores.map((score, place): RowAnswer => {
    const named = scores.length === 1 ? id : `${id}:${place}`;
    return { ...member.decide(score), model_version: version, latency_ms: latency, id: named };
  });
  record(engine, answerer, request, scores, answers);
  return inferResponse(settings.model, version, id, request.outputs, tensors);
}

/** As for rows; the user that a field of theirs tells apart is named in the parameters, since tensors hold no such field. */
function chooseVersion({ settings, traffic }: ServingEngine, { body, unit }: InferCall): string {
  const { sticky, salt, random } = settings;
  if (!sticky) return traffic.choose(random());
  if ('header' in sticky) return traffic.choose(unit === undefined ? random() : placeOf(unit, salt));
  const named = inferParameter(body, sticky.field);
  if (named !== undefined) return traffic.choose(placeOf(String(named), salt));
  throw new RefusedRequest(
    422,
    'FIELD_MISSING',
    `${sticky.field} decides which version answers: give it among the parameters of the request, or name a version in the address.`,
    { field: `parameters.${sticky.field}` },
  );
}

function readRequest({ settings }: ServingEngine, member: FleetMember, arm: ArmCounts, body: unknown): InferRequest {
  try {
    const request = readInferRequest(body, member.model, settings.maxRows);
    checkValues(member, request.feeds);
    return request;
  } catch (error) {
    countError(arm, 'refused');
    throw error;
  }
}

/** What can't be read as an answer is a failure of the model here as it is for rows. */
async function run({ model }: FleetMember, { feeds, rows }: InferRequest, fetches: readonly string[]) {
  const tensors = await model.session.run(feeds, fetches);
  return { tensors, scores: toScores(model.read(tensors, rows)) };
}

function record(
  engine: ServingEngine,
  answerer: Answerer,
  { feeds, rows }: InferRequest,
  scores: readonly RowScore[],
  answers: readonly RowAnswer[],
): void {
  for (const [place, answer] of answers.entries()) countAnswer(answerer, scores[place]!, answer);
  if (!engine.log && engine.shadows.size === 0) return;
  const features = rowsOfFeeds(answerer.member.model, feeds, rows);
  if (!features) return;
  for (const [place, answer] of answers.entries()) logAnswer(engine, answerer, () => features[place]!, scores[place]!, answer);
  mirrorRows(engine, { rows: features, answers });
}

/** The contract's ranges, values and required fields, also of tensors. */
function checkValues({ model }: FleetMember, feeds: Readonly<Record<string, Tensor>>): void {
  const only = model.list === null ? undefined : feeds[model.list];
  const width = model.fields.length;
  for (const [index, field] of model.fields.entries()) {
    const tensor = only ?? feeds[field.name];
    if (!tensor || !hasRules(field)) continue;
    const values = tensor.data as ArrayLike<number | bigint | string>;
    for (let at = only ? index : 0; at < values.length; at += only ? width : 1) {
      const value = values[at]!;
      const missing = typeof value === 'number' && Number.isNaN(value);
      readValue(missing ? null : typeof value === 'bigint' ? Number(value) : value, field, '');
    }
  }
}

const hasRules = (field: FleetMember['model']['fields'][number]) =>
  field.required ||
  field.accepted !== undefined ||
  field.minimum !== undefined ||
  field.maximum !== undefined ||
  field.exclusiveMinimum !== undefined ||
  field.exclusiveMaximum !== undefined;
