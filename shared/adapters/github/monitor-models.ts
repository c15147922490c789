import { cp, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import * as core from '@actions/core';
import { UserError } from '../../errors.ts';
import type { MonitoringReport } from '../../monitoring/monitoring-report.ts';
import { type MonitorRequest, monitorModel } from '../../pipeline/monitor-model.ts';
import type { RunContext } from '../../pipeline/run-context.ts';
import { type MonitoringFolder, metricsPage, monitoringMarkdown, writeMonitoring } from '../../pipeline/write-monitoring.ts';
import { pushMetrics } from '../push-gateway/push-metrics.ts';
import { artifactSubject } from './stage-artifacts.ts';
import { writeStepSummary } from './write-step-summary.ts';

export interface MonitoredModels {
  readonly reports: readonly MonitoringReport[];
  readonly folders: readonly MonitoringFolder[];
  /** The first model that could not be judged stops the step, after the others were. */
  readonly mistake: unknown;
}

/** The model that was named, or every model with `drift:`; one that can't be judged keeps no other from it. */
export async function monitorModels(
  context: RunContext,
  named: string | undefined,
  { metrics, push, ...request }: MonitorRequest & { readonly metrics?: string | undefined; readonly push?: string | undefined },
): Promise<MonitoredModels> {
  const reports: MonitoringReport[] = [];
  const folders: MonitoringFolder[] = [];
  let mistake: unknown;
  const models = named ? [named] : watchedModels(context);
  for (const model of models) {
    try {
      const { report, notices } = await monitorModel(context, model, request);
      for (const notice of notices) context.progress.warn(notice);
      // Several models would write over each other's page.
      const page =
        metrics === undefined
          ? undefined
          : resolve(context.root, models.length === 1 ? metrics : metrics.replace(/(\.prom)?$/, `-${model}.prom`));
      folders.push(await writeMonitoring(context.output, report, { metrics: page }));
      reports.push(report);
      await writeStepSummary(monitoringMarkdown(report));
      if (push !== undefined)
        await pushMetrics({ url: push, group: { model, stage: report.stage }, page: metricsPage(report), env: context.env });
    } catch (error) {
      mistake ??= error;
    }
  }
  return { reports, folders, mistake };
}

function watchedModels({ config }: RunContext): readonly string[] {
  const models = Object.entries(config.config.models).filter(([, { drift }]) => drift !== undefined);
  if (models.length > 0) return models.map(([name]) => name);
  const all = Object.keys(config.config.models);
  if (all.length === 1) return all;
  throw new UserError(
    'NOTHING_TO_MONITOR',
    `No model of ${config.file} has \`drift:\`, so none is watched.`,
    'Add `drift: {window: 1d, log: …}` to a model.',
  );
}

/**
 * Lays out what the bot reads, and what people download: one folder a model and stage. All of it is counts, shares and names of columns.
 * The name is unique within a run and its attempts.
 */
export async function stageMonitoring(
  reports: readonly MonitoringReport[],
  folders: readonly MonitoringFolder[],
  { folder, attempt }: { readonly folder: string; readonly attempt: number },
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const [index, { model, stage }] of reports.entries()) {
    const from = folders[index]?.path;
    if (from !== undefined) await cp(from, join(folder, model, stage), { recursive: true });
  }
  core.setOutput('artifact', `monitoring-${artifactSubject(reports.map(({ model }) => model))}-${attempt}`);
  core.setOutput('artifact-folder', folder);
}
