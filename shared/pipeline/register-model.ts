import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { DatasetManifest } from '../dataset/manifest.ts';
import { readManifest } from '../dataset/unchanged.ts';
import { digestOf, digestOfDocument } from '../digest/canonical-json.ts';
import { UserError } from '../errors.ts';
import { listVersions } from '../registry/read-versions.ts';
import { registerVersion } from '../registry/register-version.ts';
import type { VersionDraft } from '../registry/version-record.ts';
import { type Report, reportSchema } from '../report/report.ts';
import { keepAnswersOf } from './answers-profile.ts';
import { modelRun, type RunContext } from './run-context.ts';
import { readStep } from './run-folder.ts';
import { keepSeenRows } from './seen-rows.ts';
import { keepProfileOf } from './training-profile.ts';

export interface Registration {
  readonly registered: boolean;
  /** null where nothing was registered. */
  readonly version: number | null;
  readonly digest: string | null;
  /** One sentence. */
  readonly reason: string;
}

/**
 * Gives the candidate of the last run a version: the bytes that were judged, with the report that judged them. A verdict that stops is
 * not registered. The same bytes with the same report keep the version that they have.
 */
export async function registerModel(
  context: RunContext,
  model: string,
  options: { readonly builder?: string } = {},
): Promise<Registration> {
  const run = modelRun(context, model);
  const report = await readStep(run.folder.report, reportSchema);
  if (!report?.training || !report.evaluation)
    throw new UserError(
      'STEP_MISSING',
      `There is no evaluated candidate of ${model} in ${run.folder.path}.`,
      `Run \`weighin run ${model}\` first.`,
    );
  const { training } = report;
  if (report.verdict === 'fail' || report.verdict === 'error')
    return {
      registered: false,
      version: null,
      digest: training.model.digest,
      reason: `The verdict is ${report.verdict}: ${report.headline}.`,
    };

  context.progress.step('register');
  const { store } = await context.store();
  const reportBytes = await readFile(run.folder.report);
  const known = (await listVersions(store, model)).find(({ record }) => record.evaluation?.report === digestOf(reportBytes));
  if (known)
    return {
      registered: false,
      version: known.record.number,
      digest: known.record.subject.digest,
      reason: `This model and its report are ${model}@v${known.record.number} already.`,
    };
  const modelBytes = await readFile(resolve(run.folder.training, training.model.file));
  const manifest = await readManifest(run.folder.dataset);
  if (manifest) {
    await keepSeenRows(await context.engine(), store, manifest, run.folder.dataset);
    await keepProfileOf(context, run, manifest, store);
    await keepAnswersOf(context, run, { model, subject: training.model.digest }, store);
  }
  const claim = await registerVersion(store, {
    model: modelBytes,
    report: reportBytes,
    draft: await draftOf(context, report, digestOf(reportBytes), options.builder),
  });
  const { number, subject } = claim.record;
  return {
    registered: claim.registered,
    version: number,
    digest: subject.digest,
    reason: `${model}@v${number} is registered in ${store.location}.`,
  };
}

async function draftOf(context: RunContext, report: Report, reportDigest: string, builder?: string): Promise<VersionDraft> {
  const source = await context.source();
  return draftVersion(report, {
    reportDigest,
    createdAt: context.now(),
    source: {
      repositoryId: source.repositoryId,
      repository: source.repository,
      commit: source.commit,
      base: null,
      tree: source.tree,
      pull: source.pull,
      authors: [],
      actors: [],
      builder: builder ?? (context.env['GITHUB_ACTIONS'] === 'true' ? 'actions' : 'laptop'),
    },
    attestation: null,
  });
}

/** The version that a report tells of: all but its number. */
export function draftVersion(
  report: Report,
  born: { readonly reportDigest: string; readonly createdAt: Date } & Pick<VersionDraft, 'source' | 'attestation'>,
): VersionDraft {
  const { training, evaluation, dataset, contract } = report;
  if (!training || !evaluation) throw new Error('the caller has seen that it was evaluated');
  return {
    model: report.model,
    createdAt: born.createdAt.toISOString(),
    trust: report.evidence,
    subject: {
      digest: training.model.digest,
      bytes: training.model.bytes,
      format: training.model.format,
      opset: training.model.opset,
      signature: digestOfDocument({ inputs: training.model.inputs, outputs: training.model.outputs }),
    },
    source: born.source,
    training: {
      command: training.command,
      trainer: training.trainer,
      params: digestOfDocument(training.params),
      seed: training.seed,
      environment: digestOfDocument(training.environment),
    },
    dataset: dataset && {
      digest: dataset.version,
      contract: contract?.contract?.digest ?? null,
      split: splitDigest(dataset),
      heldout: false,
    },
    evaluation: {
      report: born.reportDigest,
      decision: report.decisionDigest,
      policy: report.policy.digest,
      baseline: evaluation.baseline?.digest ?? null,
      verdict: report.verdict,
    },
    attestation: born.attestation,
  };
}

/** Of which rows are in which part, whatever their columns. */
export const splitDigest = ({ splits }: Pick<DatasetManifest, 'splits'>): string =>
  digestOfDocument(Object.fromEntries(Object.entries(splits).map(([name, { rowIds }]) => [name, rowIds])));
