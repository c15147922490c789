import { policyDigest } from './policy-digest.ts';
import type { Config, DataConfig, ModelConfig } from './schema.ts';

/** The configuration that a pull request is judged by: the model of its head under the policy of the default branch. */
export interface MergedPolicy {
  /** Holds this model alone. */
  readonly config: Config;
  /** The default branch has no such model yet, so that there is no older policy to judge it by. */
  readonly isNew: boolean;
  /** The head says another policy than the default branch: it is not believed, and everyone is told. */
  readonly changed: boolean;
}

/**
 * Takes each key from the side that is believed. From the default branch: what decides how a model is judged. From the head: what the
 * model is made of. Every key of the schema is named here once, so that a new one does not compile before somebody has decided whose it is.
 */
export function mergePolicy(base: Config | null, head: Config, name: string): MergedPolicy {
  const model = head.models[name];
  if (!model) throw new Error(`the caller looks ${name} up in the head's configuration`);
  const trusted = base?.models[name];
  const policy = base ?? head;
  const { version, mode, include, extends: extended, store, privacy, notify, conversation, rollouts, models: _, ...rest } = policy;
  rest satisfies Record<string, never>;
  const config: Config = {
    version,
    mode,
    privacy,
    conversation,
    ...given({ include, extends: extended, store, notify, rollouts }),
    models: { [name]: trusted ? mergeModel(trusted, model) : model },
  };
  return { config, isNew: !trusted, changed: policyDigest(config, name) !== policyDigest({ ...head, models: { [name]: model } }, name) };
}

function mergeModel(base: ModelConfig, head: ModelConfig): ModelConfig {
  const { task, description, code, data, tests, training, model, evaluation: _e, drift: _d, retrain: _r, card, stages: _s, ...rest } = head;
  rest satisfies Record<string, never>;
  return {
    // The head's: what is made.
    task,
    tests,
    model,
    ...given({ description, code, training, data: mergeData(base.data, data) }),
    // The texts are the head's; which of them must be there, and what renders them, is not.
    card: { ...card, require: base.card.require, template: base.card.template },
    // The default branch's: how it is judged, and where it may go.
    evaluation: base.evaluation,
    stages: base.stages,
    ...given({ drift: base.drift, retrain: base.retrain }),
  };
}

/**
 * Rows and features are the head's. The question that is asked of them (which column is the answer, which rows are kept for the test, which
 * belong together) is the default branch's: a pull request that could name another label would write its own exam.
 */
function mergeData(base: DataConfig | undefined, head: DataConfig | undefined): DataConfig | undefined {
  if (!base || !head) return head;
  const {
    source,
    query,
    contract,
    exclude,
    features,
    label: _l,
    positive: _p,
    id: _i,
    cluster: _c,
    time: _t,
    labelTime: _lt,
    split: _s,
    heldout: _h,
    ...rest
  } = head;
  rest satisfies Record<string, never>;
  const { label, positive, id, cluster, time, labelTime, split, heldout } = base;
  return {
    source,
    features,
    label,
    split,
    ...given({ query, contract, exclude, positive, id, cluster, time, labelTime, heldout }),
  };
}

/** Without the keys that nobody wrote: they are missing, not undefined, in what is digested. */
function given<Values extends Record<string, unknown>>(values: Values): { [Key in keyof Values]?: Exclude<Values[Key], undefined> } {
  // The filter takes out what the type takes out.
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Values]?: Exclude<Values[Key], undefined>;
  };
}
