import { assertSupported, type LoadedConfig } from '../config/load-config.ts';
import type { ModelConfig } from '../config/schema.ts';
import { UserError } from '../errors.ts';
import type { QueryEngine } from '../query/query-engine.ts';
import type { ObjectStore } from '../registry/object-store.ts';
import type { OpenSession } from '../scoring/inference-session.ts';
import type { FetchObjects } from '../source/fetch-objects.ts';
import type { ConnectEngine } from '../source/remote-engine.ts';
import type { RunProcess } from '../training/run-process.ts';
import type { Notice } from '../verdict/notice.ts';
import type { Progress } from './progress.ts';
import { type RunFolder, runFolder } from './run-folder.ts';

/** What every step works with: the config, the outside world behind ports, and a place to write. */
export interface RunContext {
  readonly config: LoadedConfig;
  /** Absolute; paths of the config are relative to the model's own root, which is this unless the model was included. */
  readonly root: string;
  /** Absolute. */
  readonly output: string;
  readonly asOf: Date | undefined;
  readonly progress: Progress;
  readonly now: () => Date;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Opened when first asked for, once a run. */
  readonly engine: () => Promise<QueryEngine>;
  readonly store: () => Promise<OpenedStore>;
  readonly openSession: OpenSession;
  readonly runProcess: RunProcess;
  /** The commit that is judged; fields are null outside Git. */
  readonly source: () => Promise<SourceFacts>;
  /** Files that differ from a base, uncommitted ones too, relative to `root`; null where Git can't say. */
  readonly changedFiles: (base: string) => Promise<readonly string[] | null>;
  readonly fetchObjects: FetchObjects;
  /** Reaches the databases that `source:` names, with credentials of `env` alone. */
  readonly connectEngine: ConnectEngine;
  /** Weighin's own. */
  readonly version: string;
  close(): Promise<void>;
}

export interface OpenedStore {
  readonly store: ObjectStore;
  readonly notices: readonly Notice[];
  /** A pull request of a fork may not write, by design. */
  readonly writable: boolean;
}

export interface SourceFacts {
  readonly repositoryId: number | null;
  readonly repository: string | null;
  readonly commit: string | null;
  readonly tree: string | null;
  readonly dirty: boolean;
  readonly pull: number | null;
  /** Files that differ from the base, when it is known. */
  readonly changed: readonly string[];
  /** The code that is judged came from outside: no credentials by design. */
  readonly untrusted: boolean;
}

export interface ModelRun {
  readonly name: string;
  readonly config: ModelConfig;
  readonly root: string;
  readonly folder: RunFolder;
}

/** The model's part of the context; refuses what this version cannot do for it yet. */
export function modelRun(context: RunContext, name: string): ModelRun {
  const config = context.config.config.models[name];
  if (!config) {
    const known = Object.keys(context.config.config.models);
    throw new UserError('MODEL_UNKNOWN', `There is no model ${name} in ${context.config.file}.`, `The models there: ${known.join(', ')}.`);
  }
  assertSupported(context.config, name);
  return { name, config, root: context.config.rootOf(name), folder: runFolder(context.output, name) };
}
