import { type Digest, digestOfDocument } from '../digest/canonical-json.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import type { ObjectStore } from './object-store.ts';
import { checkedName } from './version-name.ts';
import { type VersionRecord, versionRecordSchema } from './version-record.ts';

/** A record with the digest of its canonical bytes, by which stage files point at it. */
export interface Version {
  readonly record: VersionRecord;
  readonly digest: Digest;
}

/** Records that are asked for at once: a store far away answers many questions as fast as one. */
const readsAtOnce = 16;

export const versionPrefix = (model: string) => `models/${checkedName(model, 'model')}/versions/`;
export const versionKey = (model: string, number: number) => `${versionPrefix(model)}${number}.json`;

/** The numbers that a model has, ascending; empty where it has none yet. */
export async function listNumbers(store: ObjectStore, model: string): Promise<number[]> {
  const numbers: number[] = [];
  for await (const key of store.list(versionPrefix(model))) {
    const digits = /\/([1-9]\d*)\.json$/.exec(key)?.[1];
    if (digits) numbers.push(Number(digits));
  }
  return numbers.sort((a, b) => a - b);
}

/** Every version of a model, oldest first. */
export async function listVersions(store: ObjectStore, model: string): Promise<Version[]> {
  return readNumbers(store, model, await listNumbers(store, model));
}

export async function readNumbers(store: ObjectStore, model: string, numbers: readonly number[]): Promise<Version[]> {
  const versions: Version[] = [];
  for (let from = 0; from < numbers.length; from += readsAtOnce)
    versions.push(...(await Promise.all(numbers.slice(from, from + readsAtOnce).map((number) => readVersion(store, model, number)))));
  return versions;
}

/** @throws UserError VERSION_NOT_FOUND, naming the latest; InfrastructureError RECORD_CORRUPT. */
export async function readVersion(store: ObjectStore, model: string, number: number): Promise<Version> {
  const version = await findVersion(store, model, number);
  if (version) return version;
  const latest = (await listNumbers(store, model)).at(-1);
  throw latest === undefined
    ? new UserError(
        'VERSION_NOT_FOUND',
        `${model} has no version yet in ${store.location}.`,
        'Register one: `weighin register`, or `weighin adopt` for the model that runs today.',
      )
    : new UserError(
        'VERSION_NOT_FOUND',
        `${model} has no version v${number} in ${store.location}.`,
        `The latest is ${model}@v${latest}; \`weighin versions ${model}\` lists them all.`,
      );
}

export async function findVersion(store: ObjectStore, model: string, number: number): Promise<Version | undefined> {
  const key = versionKey(model, number);
  const bytes = await store.read(key);
  return bytes && { record: parseRecord(bytes, key, model, number, store.location), digest: digestOfStored(bytes) };
}

function parseRecord(bytes: Uint8Array, key: string, model: string, number: number, location: string): VersionRecord {
  const parsed = versionRecordSchema.safeParse(parseJson(bytes));
  if (parsed.success && parsed.data.model === model && parsed.data.number === number) return parsed.data;
  const why = parsed.success
    ? `it says it is ${parsed.data.model}@v${parsed.data.number}`
    : `${parsed.error.issues[0]?.path.join('.') || 'its text'} is not as in weighin/version@1`;
  throw new InfrastructureError(
    'RECORD_CORRUPT',
    `The store ${location} holds a damaged record under ${key} (${why}). Restore the object from a backup.`,
  );
}

const digestOfStored = (bytes: Uint8Array): Digest => digestOfDocument(parseJson(bytes));

/** Undefined for what is no JSON: no document is. */
function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
