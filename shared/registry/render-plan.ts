import type { Config } from '../config/schema.ts';
import { type Digest, digestOfDocument } from '../digest/canonical-json.ts';
import type { Version } from './read-versions.ts';
import type { PlanDocument, StageDocument } from './stage-document.ts';

interface Change {
  readonly config: Config;
  readonly model: string;
  readonly stage: string;
  readonly operation: StageDocument['operation'];
  readonly version: Version;
  /** What the stage points at now. */
  readonly current: PointedAt | undefined;
  /** Digest of a newer decision than the record's own, where the version was weighed again; null where it never was judged. */
  readonly evaluation?: Digest | null;
  /** Gates that somebody answered for. */
  readonly overrides?: PlanDocument['overrides'];
  /** The forge's number of the repository, where a forge is asked. */
  readonly repositoryId?: number;
}

interface PointedAt {
  readonly generation: number;
  readonly version: Pick<StageDocument['version'], 'number' | 'digest'>;
}

/**
 * The plan and the stage file of a change, from nothing but what they depend on: the same change gives the same bytes, so a
 * promotion PR can be held against them. `planDigest = sha256(JCS(plan))`.
 */
export function renderPlan(change: Change): { readonly plan: PlanDocument; readonly document: StageDocument } {
  const { config, model, stage, operation, version, current } = change;
  const { record, digest } = version;
  const generation = (current?.generation ?? 0) + 1;
  const previous = current ? { number: current.version.number, digest: current.version.digest, generation: current.generation } : null;
  const name = config.models[model]?.stages[stage]?.rollout;
  const definition = name === undefined ? undefined : config.rollouts?.[name];
  const rollout = name !== undefined && definition ? { name, digest: digestOfDocument(definition) } : null;
  const plan: PlanDocument = {
    schema: 'weighin/plan@1',
    repositoryId: change.repositoryId ?? record.source.repositoryId,
    model,
    stage,
    operation,
    generation,
    from: previous,
    to: { number: record.number, digest: record.subject.digest },
    record: digest,
    evaluation: change.evaluation === undefined ? (record.evaluation?.decision ?? null) : change.evaluation,
    policy: policyDigest(config, model, stage),
    rollout,
    target: definition?.target ? digestOfDocument(definition.target) : null,
    overrides: change.overrides ?? [],
  };
  const document: StageDocument = {
    schema: 'weighin/stage@1',
    model,
    stage,
    generation,
    operation,
    promotion: `${model}.${stage}.${generation}`,
    version: { number: record.number, digest: record.subject.digest, record: digest },
    previous,
    plan: digestOfDocument(plan),
    rollout,
  };
  return { plan, document };
}

/** Of what decides about this model and stage alone: an edit elsewhere in weighin.yaml keeps approvals. */
const policyDigest = (config: Config, model: string, stage: string): Digest =>
  digestOfDocument({
    evaluation: config.models[model]?.evaluation ?? null,
    require: config.models[model]?.card.require ?? [],
    stage: config.models[model]?.stages[stage] ?? null,
  });
