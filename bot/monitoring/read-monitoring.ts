import { entryName } from '../../shared/config/schema-parts.ts';
import { UserError } from '../../shared/errors.ts';
import { type MonitoringReport, monitoringReportSchema } from '../../shared/monitoring/monitoring-report.ts';
import { monitorWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Artifact, Forge, WorkflowRun } from '../../shared/promotion/forge.ts';
import { artifactRefused } from '../../shared/source/artifact-refused.ts';
import { readArchive } from '../../shared/source/read-archive.ts';
import { parseForeignJson } from '../reports/parse-foreign-json.ts';
import { remember } from '../reports/remember.ts';
import { problemOf, type ReportProblem } from '../reports/report-problem.ts';

/** Packed and unpacked; a report of 1,000 columns has about 2 MB. */
const artifactLimit = 20_000_000;
const mostArtifacts = 40;
const mostReports = 200;

/** Events that run the default branch's own file. */
const events = ['schedule', 'workflow_dispatch', 'repository_dispatch'];

/**
 * What a scheduled run of the default branch says of models in production. It may open an issue and start a training, and nothing else, so
 * it is believed as the default branch's own code is; its text is an attacker's all the same, since it names columns of the data.
 */
export async function readMonitoring(
  forge: Forge,
  run: WorkflowRun,
): Promise<{ readonly reports: readonly MonitoringReport[]; readonly problems: readonly ReportProblem[] }> {
  const refusal = refuseRun(forge, run);
  if (refusal) return { reports: [], problems: [refusal] };
  const own = (await forge.actions.artifacts(run.id)).filter(({ name }) => attemptOf(name) === run.attempt);
  const reports = new Map<string, MonitoringReport>();
  const problems: ReportProblem[] = [];
  for (const artifact of own.slice(0, mostArtifacts)) {
    try {
      for (const report of await remember(forge, `monitoring:${artifact.id}`, () => readOne(forge, artifact)))
        if (reports.size < mostReports) reports.set(`${report.model}/${report.stage}`, report);
    } catch (error) {
      problems.push(problemOf(error));
    }
  }
  return { reports: [...reports.values()], problems };
}

/** `weighin-monitoring-<models>-<attempt>`: a re-run leaves the earlier ones in place. */
const attemptOf = (name: string) => Number(/^weighin-monitoring-.+-(\d+)$/.exec(name)?.[1]);

function refuseRun({ repository }: Forge, { path, event, headBranch, headRepository, status }: WorkflowRun): ReportProblem | null {
  const no = (message: string) => ({ code: 'NOT_THE_MONITOR_RUN', message });
  if (path !== monitorWorkflow) return no(`The run is of ${path}, not of ${monitorWorkflow}.`);
  if (!events.includes(event) || headBranch !== repository.defaultBranch || headRepository?.id !== repository.id)
    return no(`The run was started by ${event} on ${headBranch ?? 'no branch'}, not on ${repository.defaultBranch}.`);
  return status === 'completed' ? null : no('The run is not completed.');
}

async function readOne(forge: Forge, artifact: Artifact): Promise<readonly MonitoringReport[]> {
  if (artifact.expired) throw artifactRefused(`${artifact.name} has expired`);
  const zip = await forge.actions.download(artifact.id, artifactLimit);
  const files = await readArchive(zip, { maxBytes: artifactLimit, maxFiles: 1_000, allow: (path) => modelOf(path) !== null });
  return [...files].map(([path, bytes]) => {
    const model = modelOf(path) ?? '';
    const report = parseForeignJson(bytes, monitoringReportSchema, `The monitoring report of ${model}`, { maxBytes: artifactLimit });
    if (report.model === model) return report;
    throw new UserError('REPORT_INVALID', `The monitoring report in the folder of ${model} speaks of another model.`, 'Run it again.');
  });
}

/** `<model>/monitoring.json`, or `<model>/<stage>/monitoring.json`. */
const modelOf = (path: string): string | null => {
  const model = /^([^/]+)\/(?:[^/]+\/)?monitoring\.json$/.exec(path)?.[1];
  return model !== undefined && entryName.safeParse(model).success ? model : null;
};
