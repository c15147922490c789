import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalJson } from '../digest/canonical-json.ts';
import { digestFiles } from '../source/digest-files.ts';
import { findFiles } from '../source/find-files.ts';
import { isTableAddress } from '../source/table-address.ts';
import type { DatasetRequest } from './build-dataset.ts';
import { askedRecipe, type RecipeRequest, recipeColumns } from './dataset-version.ts';
import { type DatasetManifest, datasetManifestSchema } from './manifest.ts';

export type UnchangedRequest = RecipeRequest & Pick<DatasetRequest, 'root' | 'output' | 'source' | 'types'>;

/** The manifest of a dataset folder; `undefined` where there is none that this version can read. */
export async function readManifest(folder: string): Promise<DatasetManifest | undefined> {
  const text = await readFile(join(folder, 'manifest.json'), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return datasetManifestSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}

/**
 * Whether building again would give what is there: the same request, input files with the same bytes, and split files as the manifest
 * says. Reads every file once and opens no engine. Never wrongly true; sources that are not files of this machine count as changed,
 * unless they are given opened.
 */
export async function unchanged(manifest: DatasetManifest, request: UnchangedRequest): Promise<boolean> {
  const { config, root, output } = request;
  if (!same(manifest.recipe['asked'], askedRecipe(request)) || !sameTypes(manifest, request)) return false;
  const sources = [config.source, ...config.features.map(({ source }) => source)];
  if (manifest.inputs.length !== sources.length) return false;
  try {
    for (const [index, source] of sources.entries()) {
      // What a database holds now is not known without reading it.
      if (isTableAddress(source)) return false;
      const files = index === 0 && request.source ? request.source.files : (await findFiles(source, root)).files;
      if (!same(manifest.inputs[index]?.files, await digestFiles(files))) return false;
    }
    const splits = Object.values(manifest.splits);
    const found = await digestFiles(splits.map(({ file }) => ({ path: file, file: join(output, file), bytes: 0 })));
    return splits.every(({ digest }, index) => found[index]?.digest === digest);
  } catch {
    // A file that is missing or can't be read is the builder's to name.
    return false;
  }
}

/** An open source shows its columns. A file that isn't open has the same ones if it was read with the same declared types; Parquet has its own. */
function sameTypes(manifest: DatasetManifest, { config, source, types }: UnchangedRequest): boolean {
  if (source) return same(manifest.recipe['columns'], recipeColumns(source));
  return /\.parquet$/i.test(config.source) || same(manifest.declaredTypes, types ?? {});
}

const same = (a: unknown, b: unknown) => canonicalJson(a ?? null) === canonicalJson(b ?? null);
