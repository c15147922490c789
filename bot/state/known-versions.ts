import { digestOf } from '../../shared/digest/canonical-json.ts';
import { InfrastructureError } from '../../shared/errors.ts';
import { type AcceptedDocument, acceptedDocumentSchema } from '../../shared/promotion/accepted-document.ts';
import type { Forge } from '../../shared/promotion/forge.ts';
import { acceptedPath, knownReportPath, knownVersionPath, stateBranch } from '../../shared/promotion/state-paths.ts';
import { type VersionRecord, versionRecordSchema } from '../../shared/registry/version-record.ts';
import { type Report, reportSchema } from '../../shared/report/report.ts';

/** A version as Git knows it, each part held against its digest. */
export interface KnownVersion {
  readonly record: VersionRecord;
  /** The record's bytes, to copy them. */
  readonly text: string;
  /** Of these bytes. */
  readonly digest: string;
  /** null: the record was found in the store's tag, and no weigh run of this repository stands behind it. */
  readonly accepted: AcceptedDocument | null;
}

/** Immutable by digest or number, so once read they are kept; the oldest go first. */
const kept = 200;
interface Memory {
  readonly versions: Map<string, KnownVersion>;
  readonly reports: Map<string, Report>;
  readonly tagged: Map<string, string | null>;
}
const memories = new WeakMap<Forge, Memory>();

function memoryOf(forge: Forge): Memory {
  const memory: Memory = memories.get(forge) ?? { versions: new Map(), reports: new Map(), tagged: new Map() };
  memories.set(forge, memory);
  return memory;
}

/** A text file as it was when a stage was promoted to. */
export interface TaggedFile {
  readonly tag: string;
  /** What the tag was put at, where the state branch knows it: anyone who can push can move a tag. */
  readonly commit: string | null;
  readonly path: string;
}
const tagRef = (tag: string) => `refs/tags/${tag}`;
const refOf = ({ tag, commit }: TaggedFile) => commit ?? tagRef(tag);
const taggedName = (file: TaggedFile) => `${refOf(file)}:${file.path}`;

/**
 * Versions in one request, as far as they are not known yet. A version that is nowhere is not in the answer. `along` names tagged files
 * that will be wanted soon, so that they come in the same request.
 */
export async function readKnownVersions(
  forge: Forge,
  wanted: readonly { readonly model: string; readonly number: number }[],
  along: readonly TaggedFile[] = [],
): Promise<ReadonlyMap<string, KnownVersion>> {
  const memory = memoryOf(forge);
  const missing = wanted.filter((version) => !memory.versions.has(nameOf(version)));
  if (missing.length > 0) {
    const [state, ...answers] = await forge.git.read([
      { ref: stateBranch, paths: missing.flatMap(({ model, number }) => [knownVersionPath(model, number), acceptedPath(model, number)]) },
      // With `store: github` every version's record lies in Git, under its tag.
      ...missing.map(({ model, number }) => ({ ref: tagRef(`${model}@v${number}`), paths: ['version.json'] })),
      ...along.map((file) => ({ ref: refOf(file), paths: [file.path] })),
    ]);
    const tags = answers.slice(0, missing.length);
    for (const [index, file] of along.entries())
      keep(memory.tagged, taggedName(file), answers[missing.length + index]?.files.get(file.path) ?? null);
    for (const [index, version] of missing.entries()) {
      const { model, number } = version;
      const own = state?.files.get(knownVersionPath(model, number)) ?? null;
      const text = own ?? tags[index]?.files.get('version.json') ?? null;
      if (text === null) continue;
      const accepted = own === null ? null : (state?.files.get(acceptedPath(model, number)) ?? null);
      const found = readVersion(version, text, accepted);
      if (found) keep(memory.versions, nameOf(version), found);
    }
  }
  return new Map(
    wanted.flatMap((version) => {
      const found = memory.versions.get(nameOf(version));
      return found ? [[nameOf(version), found] as const] : [];
    }),
  );
}

/** Of a promotion that is over: read once. null where tag or file is not there. */
export async function readTagged(forge: Forge, file: TaggedFile): Promise<string | null> {
  const memory = memoryOf(forge);
  const known = memory.tagged.get(taggedName(file));
  if (known !== undefined) return known;
  const [found] = await forge.git.read([{ ref: refOf(file), paths: [file.path] }]);
  const text = found?.files.get(file.path) ?? null;
  if (text !== null) keep(memory.tagged, taggedName(file), text);
  return text;
}

/** Reports that were accepted once, by their digests, in one request; one that is not known is not in the answer. */
export async function readKnownReports(forge: Forge, digests: readonly string[]): Promise<ReadonlyMap<string, Report>> {
  const memory = memoryOf(forge);
  const missing = [...new Set(digests)].filter((digest) => !memory.reports.has(digest));
  if (missing.length > 0) {
    const [found] = await forge.git.read([{ ref: stateBranch, paths: missing.map(knownReportPath) }]);
    for (const digest of missing) {
      const text = found?.files.get(knownReportPath(digest)) ?? null;
      if (text === null) continue;
      if (digestOf(new TextEncoder().encode(text)) !== digest)
        throw new InfrastructureError('STATE_BROKEN', `${knownReportPath(digest)} is not the report that its name says.`);
      keep(memory.reports, digest, reportSchema.parse(JSON.parse(text)));
    }
  }
  return new Map(
    digests.flatMap((digest) => {
      const report = memory.reports.get(digest);
      return report ? [[digest, report] as const] : [];
    }),
  );
}

const nameOf = ({ model, number }: { readonly model: string; readonly number: number }) => `${model}@v${number}`;

function readVersion(
  { model, number }: { readonly model: string; readonly number: number },
  text: string,
  acceptedText: string | null,
): KnownVersion | null {
  const broken = (what: string) => new InfrastructureError('STATE_BROKEN', `The record of ${model}@v${number} ${what}.`);
  const parsed = versionRecordSchema.safeParse(parseJson(text));
  if (!parsed.success) throw broken('is not what Weighin writes');
  const record = parsed.data;
  if (record.model !== model || record.number !== number) throw broken(`speaks of ${record.model}@v${record.number}`);
  const digest = digestOf(new TextEncoder().encode(text));
  const accepted = acceptedText === null ? null : acceptedDocumentSchema.safeParse(parseJson(acceptedText));
  if (accepted && (!accepted.success || accepted.data.record !== digest)) throw broken('is not the one that was accepted');
  return { record, text, digest, accepted: accepted?.data ?? null };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function keep<Value>(memory: Map<string, Value>, name: string, value: Value) {
  memory.set(name, value);
  for (const [oldest] of memory) {
    if (memory.size <= kept) break;
    memory.delete(oldest);
  }
}

/** One of them. */
export const readKnownReport = async (forge: Forge, digest: string): Promise<Report | null> =>
  (await readKnownReports(forge, [digest])).get(digest) ?? null;
