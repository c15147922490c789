import { cp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import * as core from '@actions/core';
import { defaultDrift } from '../../config/schema.ts';
import type { DriftReport } from '../../drift/drift-report.ts';
import { UserError } from '../../errors.ts';
import { runDrift } from '../../pipeline/drift/run-drift.ts';
import { modelRun, type RunContext } from '../../pipeline/run-context.ts';
import { writeJson, writeWhole } from '../../pipeline/run-folder.ts';
import { renderDriftHtml } from '../../report/drift/render-drift-html.ts';
import { renderDriftMarkdown } from '../../report/drift/render-drift-markdown.ts';
import { openTable } from '../open-table.ts';
import { artifactSubject } from './stage-artifacts.ts';
import { writeStepSummary } from './write-step-summary.ts';

export interface ComparedSides {
  readonly drift: DriftReport;
  readonly report: string;
  readonly html: string;
  /** Holds both, and nothing else. */
  readonly folder: string;
}

/** Two tables or profiles, once, by the limits of the model's `drift:`. Keeps nothing in the store. */
export async function compareSides(
  context: RunContext,
  model: string,
  { reference, current }: { readonly reference: string | undefined; readonly current: string | undefined },
): Promise<ComparedSides> {
  if (!reference || !current)
    throw new UserError(
      'SIDE_MISSING',
      `mode: compare needs both sides; ${reference ? 'current' : 'reference'} is missing.`,
      'Name a data file or a profile in each of `reference` and `current`.',
    );
  const run = modelRun(context, model);
  const settings = run.config.drift ?? defaultDrift();
  const { by, method, columnMethods, shift, alarm, agree, shareLimit, dispersion } = settings;
  const { data } = run.config;
  const drift = await runDrift({
    reference,
    current,
    root: context.root,
    openTable: (source, types) => openTable({ source, root: context.root, types, env: context.env, fetch: context.fetchObjects }),
    settings: { shift, alarm, agree, dispersion, shareLimit: shareLimit ?? null, values: context.config.config.privacy.values },
    method,
    columnMethods,
    by: typeof by === 'string' ? [by] : (by ?? []),
    window: null,
    columns: null,
    exclude: [data?.id, ...(data?.exclude ?? [])].filter((name) => name !== undefined),
    contract: null,
    model,
    now: context.now(),
    progress: context.progress,
  });
  const folder = join(context.output, 'monitoring', model, 'compare');
  const written = { report: join(folder, 'drift.json'), html: join(folder, 'drift.html') };
  await writeJson(written.report, drift);
  await writeWhole(written.html, renderDriftHtml(drift));
  const markdown = renderDriftMarkdown(drift);
  await writeWhole(join(folder, 'drift.md'), markdown);
  await writeStepSummary(markdown);
  return { drift, ...written, folder };
}

/** For people to download. By a name of its own: what the bot reads is what monitoring found. */
export async function stageComparison(
  model: string,
  compared: ComparedSides,
  { folder, attempt }: { readonly folder: string; readonly attempt: number },
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await cp(compared.folder, join(folder, model), { recursive: true });
  core.setOutput('artifact', `drift-${artifactSubject([model])}-${attempt}`);
  core.setOutput('artifact-folder', folder);
}
