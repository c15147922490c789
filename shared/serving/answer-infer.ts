import { placeOf } from '../rollout/ab/assign-arm.ts';
import type { Tensor } from '../scoring/inference-session.ts';
import { countError, observe } from './arm-counts.ts';
import { askModel } from './ask-model.ts';
import type { FleetMember } from './fleet.ts';
import { inferResponse, readInferRequest } from './inference-protocol.ts';
import { readValue } from './read-row.ts';
import { RefusedRequest } from './refused-request.ts';
import { type ServingEngine, variantOf } from './serving-engine.ts';

export interface InferCall {
  readonly body: unknown;
  /** Named in the address; else the weights choose. */
  readonly version: string | undefined;
  readonly arrived: number;
  readonly unit: string | undefined;
}

/**
 * One call of the Open Inference Protocol: tensors in, the graph's own outputs back. Contract, weights, breaker and time limit are those of
 * `/predict`; a fallback has no tensors to give. Rows are not logged: tensors hold no names that a log could be read by in a year.
 */
export async function answerInfer(engine: ServingEngine, { body, version: asked, arrived, unit }: InferCall): Promise<object> {
  const { settings, traffic, fleet } = engine;
  const version = asked ?? traffic.choose(unit === undefined ? settings.random() : placeOf(unit, settings.salt));
  const member = fleet.get(version);
  if (!member) throw new RefusedRequest(404, 'VERSION_NOT_SERVED', `This server has no such version of ${settings.model}.`);
  const arm = member.arm(variantOf(engine, version) ?? '');
  let request: ReturnType<typeof readInferRequest>;
  try {
    request = readInferRequest(body, member.model, settings.maxRows);
    checkValues(member, request.feeds);
  } catch (error) {
    countError(arm, 'refused');
    throw error;
  }
  arm.requests++;
  arm.rows += request.rows;
  const answer = await askModel(member, () => member.model.session.run(request.feeds, request.outputs), settings.timeoutMs);
  observe(arm.latency, (settings.clock() - arrived) / 1000);
  if (!answer.ok) {
    countError(arm, answer.reason);
    if (answer.reason === 'late') throw new RefusedRequest(504, 'MODEL_LATE', `${version} did not answer in time.`);
    if (answer.reason === 'open')
      throw new RefusedRequest(503, 'CIRCUIT_OPEN', `${version} failed too often just now and rests.`, { retryAfter: 1 });
    throw new RefusedRequest(500, 'MODEL_FAILED', `${version} failed on this request.`);
  }
  return inferResponse(settings.model, version, request.id ?? settings.newId(), request.outputs, answer.result);
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
