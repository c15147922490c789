import type { Identity, RepositoryFacts } from '../../promotion/forge.ts';
import { type BoundedCache, createBoundedCache } from './bounded-cache.ts';

/**
 * What one repository's answers may be kept for: hand the same memory to every forge of the same repository and installation. Nothing
 * in it decides about authority: conditional answers are asked anew each time, the rest never changes.
 */
export interface ForgeMemory {
  /** Answers of GETs by their request, with the ETag that makes asking again free. */
  readonly answers: BoundedCache<KeptAnswer>;
  /** Of commits and objects, which never change: texts by `commit:path`, folders and bytes by object id. */
  readonly objects: BoundedCache<unknown>;
  /** Node ids of pull requests by number. */
  readonly nodes: Map<number, string>;
  start: ForgeStart | null;
}

export interface KeptAnswer {
  readonly etag: string;
  readonly data: unknown;
  readonly next: boolean | null;
}

/** What is asked once, when a forge is opened. */
export interface ForgeStart {
  readonly repository: RepositoryFacts;
  readonly identity: Identity;
  readonly nodeId: string;
  /** In the order in which they are tried. */
  readonly mergeMethods: readonly ('squash' | 'merge' | 'rebase')[];
}

const megabyte = 1_048_576;

export const createForgeMemory = (bytes = 12 * megabyte): ForgeMemory => ({
  answers: createBoundedCache(bytes / 2),
  objects: createBoundedCache(bytes / 2),
  nodes: new Map(),
  start: null,
});
