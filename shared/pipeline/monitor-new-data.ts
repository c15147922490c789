import { digestOfDocument } from '../digest/canonical-json.ts';
import { isStoreError } from '../registry/store-error.ts';
import { checkedName } from '../registry/version-name.ts';
import type { Report } from '../report/report.ts';
import { digestFiles } from '../source/digest-files.ts';
import { findFiles } from '../source/find-files.ts';
import type { ModelRun, RunContext } from './run-context.ts';

/**
 * Training data that are not those of the version at the stage any more, and when a run first saw them: the store remembers that, so that
 * every run since says the same moment. Null where nothing changed, where nobody asks, and where the version's data aren't known.
 */
export async function findNewData(
  context: RunContext,
  run: ModelRun,
  { judged, stage, writable }: { readonly judged: Report | null; readonly stage: string; readonly writable: boolean },
): Promise<{ readonly digest: string; readonly seenAt: Date } | null> {
  const before = judged?.dataset?.inputs;
  if (!run.config.retrain?.on.includes('new-data') || !before) return null;
  const known = before.map(({ source, files }) => ({ source, digests: files.map(({ digest }) => digest).sort() }));
  const now = [];
  for (const { source } of known) {
    // What lies elsewhere is fetched whole to be digested: as large as training on it.
    const files = source.includes('://') ? await fetched(context, source) : (await findFiles(source, run.root)).files;
    now.push({ source, digests: (await digestFiles(files)).map(({ digest }) => digest).sort() });
  }
  const digest = digestOfDocument(now);
  if (digest === digestOfDocument(known)) return null;

  const { store } = await context.store();
  const key = `monitoring/${checkedName(run.name, 'model')}/${checkedName(stage, 'stage')}/data/${digest.slice(7, 39)}.json`;
  const seen = new TextEncoder().encode(JSON.stringify({ seenAt: context.now().toISOString() }));
  if (writable)
    await store.create(key, seen).catch((cause: unknown) => {
      if (!isStoreError(cause, 'STORE_READ_ONLY')) throw cause;
    });
  return { digest, seenAt: momentOf((await store.read(key)) ?? seen) ?? context.now() };
}

async function fetched(context: RunContext, source: string) {
  const { stat } = await import('node:fs/promises');
  const objects = await context.fetchObjects(source);
  return Promise.all(objects.map(async ({ address, file }) => ({ path: address, file, bytes: (await stat(file)).size })));
}

function momentOf(bytes: Uint8Array): Date | null {
  const [, text] = /"seenAt":"([^"]+)"/.exec(new TextDecoder().decode(bytes)) ?? [];
  const moment = new Date(text ?? '');
  return Number.isNaN(moment.getTime()) ? null : moment;
}
