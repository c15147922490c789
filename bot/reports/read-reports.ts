import { entryName } from '../../shared/config/schema-parts.ts';
import { UserError } from '../../shared/errors.ts';
import { claimWorkflow } from '../../shared/promotion/evidence-document.ts';
import type { Artifact, Forge, PullSummary, WorkflowRun } from '../../shared/promotion/forge.ts';
import { type Report, reportSchema } from '../../shared/report/report.ts';
import { readArchive } from '../../shared/source/read-archive.ts';
import { parseForeignJson } from './parse-foreign-json.ts';
import { recall, remember } from './remember.ts';
import { problemOf, type ReportProblem } from './report-problem.ts';

interface ArtifactReports extends ClaimedReports {
  /** Unpacked. */
  readonly bytes: number;
}

export interface ClaimedReports {
  /** Claimed, whatever they say of themselves; at most one a model. */
  readonly claimed: readonly Report[];
  readonly problems: readonly ReportProblem[];
}

/** Of one artifact, packed and unpacked. */
export const artifactLimit = 5_000_000;
/** Beside report.json an artifact holds comment, JUnit and page of each model. */
const mostFiles = 1_000;
export const mostModels = 200;
/** Of all reports of a run, unpacked: people read one comment, and every byte of it is work for the bot. */
const mostBytes = 20_000_000;
/** Matrix shards whose reports are fetched. */
const mostArtifacts = 40;

/**
 * Reports of the workflow of a pull request: made where its code ran, so they are an attacker's data. Nothing in them says which pull
 * request they belong to: that is `pullsOfRun`.
 */
export async function readReports(forge: Forge, run: WorkflowRun): Promise<ClaimedReports> {
  const refusal = refuseRun(run);
  if (refusal) return { claimed: [], problems: [refusal] };
  const own = await ownArtifacts(forge, run);
  const problems: ReportProblem[] = [];
  const claimed = new Map<string, Report>();
  let room = mostBytes;
  if (own.length > mostArtifacts)
    problems.push({ code: 'TOO_MANY_ARTIFACTS', message: `Only ${mostArtifacts} of ${own.length} report artifacts were read.` });
  for (const artifact of own.slice(0, mostArtifacts)) {
    const found = await remember(forge, `reports:${artifact.id}`, () => readArtifact(forge, artifact));
    problems.push(...found.problems);
    room -= found.bytes;
    if (room < 0) {
      problems.push({
        code: 'TOO_MANY_BYTES',
        message: `Reports of more than ${mostBytes} bytes are left by this run; the rest is not read.`,
      });
      break;
    }
    for (const report of found.claimed) {
      if (claimed.has(report.model))
        problems.push({ code: 'REPORT_TWICE', message: `Two artifacts report on ${report.model}; the first is shown.` });
      else if (claimed.size >= mostModels)
        problems.push({ code: 'TOO_MANY_MODELS', message: `At most ${mostModels} models are read of a run.` });
      else claimed.set(report.model, report);
    }
  }
  return { claimed: [...claimed.values()], problems: problems.slice(0, 20) };
}

/** Of a completed attempt they stay as they are; none at all may still appear. */
async function ownArtifacts(forge: Forge, { id, attempt }: WorkflowRun): Promise<readonly Artifact[]> {
  const key = `artifacts:${id}:${attempt}`;
  const known = recall<readonly Artifact[]>(forge, key);
  if (known) return known;
  const own = (await forge.actions.artifacts(id)).filter(({ name }) => isReportOf(name, attempt));
  return own.length === 0 ? own : remember(forge, key, async () => own);
}

/** The run must be of the workflow itself: `workflow_run` matches by a name that any file can take. */
function refuseRun({ path, event, status }: WorkflowRun): ReportProblem | null {
  if (path !== claimWorkflow || event !== 'pull_request')
    return { code: 'NOT_THE_WORKFLOW', message: `The run is of ${path} (${event}), not of ${claimWorkflow} on a pull request.` };
  return status === 'completed' ? null : { code: 'NOT_COMPLETED', message: 'The run is not completed.' };
}

/** `weighin-report-<models>-<attempt>`, of this attempt alone: a re-run leaves the earlier ones in place. */
function isReportOf(name: string, attempt: number): boolean {
  const found = /^weighin-report-.+-(\d+)$/.exec(name);
  return found?.[1] === String(attempt);
}

async function readArtifact(forge: Forge, artifact: Artifact): Promise<ArtifactReports> {
  try {
    if (artifact.expired)
      return { bytes: 0, claimed: [], problems: [{ code: 'ARTIFACT_EXPIRED', message: `${artifact.name} has expired.` }] };
    const zip = await forge.actions.download(artifact.id, artifactLimit);
    const wanted = (path: string) => modelOf(path) !== null;
    const files = await readArchive(zip, { maxBytes: artifactLimit, maxFiles: mostFiles, allow: wanted });
    const claimed: Report[] = [];
    const problems: ReportProblem[] = [];
    for (const [path, bytes] of files) {
      try {
        claimed.push(readReport(bytes, modelOf(path) ?? ''));
      } catch (error) {
        problems.push(problemOf(error));
      }
    }
    return { bytes: [...files.values()].reduce((sum, { length }) => sum + length, 0), claimed, problems };
  } catch (error) {
    return { bytes: 0, claimed: [], problems: [problemOf(error)] };
  }
}

const modelOf = (path: string): string | null => {
  const model = /^([^/]+)\/report\.json$/.exec(path)?.[1];
  return model !== undefined && entryName.safeParse(model).success ? model : null;
};

function readReport(bytes: Uint8Array, model: string): Report {
  const report = parseForeignJson(bytes, reportSchema, `The report of ${model}`, { maxBytes: artifactLimit });
  if (report.model !== model)
    throw new UserError('REPORT_INVALID', `The report in the folder of ${model} speaks of another model.`, 'Run the workflow again.');
  // Whatever it says of itself: it was made beside the code that it judges.
  return { ...report, evidence: 'claimed' };
}

/**
 * The open pull requests that a run belongs to: by the head's own repository and commit, as the API says them, never by what the run
 * left. More than one is AMBIGUOUS_HEAD: a check speaks for all of them, so it says the worst.
 */
export async function pullsOfRun(forge: Forge, run: WorkflowRun): Promise<readonly PullSummary[]> {
  const owner = run.headRepository?.fullName.split('/')[0];
  if (!owner || !run.headBranch) return [];
  const pulls = await forge.pulls.ofHead(`${owner}:${run.headBranch}`);
  return pulls.filter(({ state, head }) => state === 'open' && head.sha === run.headSha);
}

/** Whether the workflow at the head is, to the byte, the default branch's: another one may report whatever it likes. */
export async function checkWorkflow(forge: Forge, headSha: string): Promise<ReportProblem | null> {
  const [main, head] = await forge.git.read([
    { ref: forge.repository.defaultBranch, paths: [claimWorkflow] },
    { ref: headSha, paths: [claimWorkflow] },
  ]);
  const [ours, theirs] = [main?.files.get(claimWorkflow) ?? null, head?.files.get(claimWorkflow) ?? null];
  if (ours !== null && ours === theirs) return null;
  return {
    code: 'WORKFLOW_CHANGED',
    message: `${claimWorkflow} at this commit is not the default branch's: these are claims of a changed workflow. Only the weigh run's measurement counts.`,
  };
}
