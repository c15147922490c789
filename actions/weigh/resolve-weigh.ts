import { UserError } from '../../shared/errors.ts';
import type { WeighTask } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { claimWorkflow, type WeighRequest } from '../../shared/promotion/evidence-document.ts';
import type { Forge, Person, PullSnapshot, WorkflowRun } from '../../shared/promotion/forge.ts';
import { type ClaimedModel, readClaimedModels } from './read-claimed-models.ts';

/** Why the weigh run runs: only an id and a name are taken from the event, the rest is asked for. */
export type WeighCause = { readonly kind: 'run'; readonly id: number } | { readonly kind: 'request'; readonly request: WeighRequest };

export interface ResolveDeps {
  readonly forge: Forge;
  /** Numbers of the pull requests that a commit of the default branch came with. */
  readonly pullsOfCommit: (sha: string) => Promise<readonly number[]>;
  /** The configuration's path from the top of the repository. */
  readonly config: string;
}

export interface Resolved {
  readonly tasks: readonly { readonly task: WeighTask; readonly model: Uint8Array | null }[];
  /** One sentence; where there is no task, why. */
  readonly says: string;
}

/** Events of the default branch whose run may bear versions: none that code of a pull request can start. */
const birthEvents = ['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'];

/**
 * Maps what happened to what is weighed. `workflow_run` matches by the workflow's name, which a pull request can give to a file of its
 * own: so the path, the event and the file's content are held against the default branch's, and the pull request is found by head and
 * commit, never by what the run or an artifact says of itself.
 * @throws UserError NOT_OUR_WORKFLOW, WORKFLOW_CHANGED, TRAINING_MISSING, ARTIFACT_DIGEST_MISMATCH, MODEL_DIGEST_MISMATCH, ARTIFACT_REFUSED
 */
export async function resolveWeigh(deps: ResolveDeps, cause: WeighCause): Promise<Resolved> {
  if (cause.kind === 'run') return resolveRun(deps, await findRun(deps, cause.id), null);
  const { request } = cause;
  if (request.promotion !== null) return resolvePromotion(deps, request);
  return resolveRequest(deps, request);
}

async function findRun({ forge }: ResolveDeps, id: number): Promise<WorkflowRun> {
  const run = await forge.actions.run(id);
  if (!run) throw new UserError('RUN_NOT_FOUND', `There is no run ${id} in this repository.`, 'Start the workflow weighin again.');
  return run;
}

/** `asked`: the pull request that a person with write access asked for. */
async function resolveRun(deps: ResolveDeps, run: WorkflowRun, only: string | null, asked: PullSnapshot | null = null): Promise<Resolved> {
  const { forge } = deps;
  const { defaultBranch } = forge.repository;
  if (pathOf(run) !== claimWorkflow)
    throw new UserError(
      'NOT_OUR_WORKFLOW',
      `The run ${run.id} is of ${pathOf(run)}, which only has the name of ${claimWorkflow}.`,
      'Give that workflow another name.',
    );
  const birth = birthEvents.includes(run.event) && run.headBranch === defaultBranch && run.headRepository?.id === forge.repository.id;
  if (!birth && run.event !== 'pull_request')
    return { tasks: [], says: `A run by ${run.event} on ${run.headBranch ?? 'no branch'} is not weighed.` };
  const policyCommit = await requireSameWorkflow(forge, run.headSha);
  const pull = birth ? await pullOfCommit(deps, run.headSha) : (asked ?? (await pullOfRun(forge, run)));
  if (!birth && !pull)
    return { tasks: [], says: `No open pull request onto ${defaultBranch} stands at ${run.headSha.slice(0, 12)}: nothing is weighed.` };

  if (pull && !birth && !asked && isFromOutside(pull, run))
    return {
      tasks: [],
      says: `Pull request ${pull.number} comes from outside: its model is weighed when someone with write access says \`/weighin run\`.`,
    };

  const retraining = birth && run.event !== 'push';
  const models = (await readClaimedModels(forge, run)).filter(({ model }) => only === null || model === only);
  const shared = {
    schema: 'weighin/weigh-task@1' as const,
    purpose: birth ? ('register' as const) : ('pull' as const),
    repositoryId: forge.repository.id,
    repository: `${forge.repository.owner}/${forge.repository.name}`,
    defaultBranch,
    config: deps.config,
    policyCommit,
    headSha: run.headSha,
    base: null,
    // A retraining changed no file: no pull request brought this version, so the promotion's own is its review.
    pull: retraining ? null : (pull?.number ?? null),
    claimedRun: { id: run.id, attempt: run.attempt },
    promotion: null,
    stage: null,
    version: null,
    reuse: birth && !retraining,
    authors: pull ? authorsOf(pull) : [],
    actors: accounts([run.actor, run.triggeringActor]),
    changed: pull && !retraining ? pull.files.slice(0, 100) : [],
  };
  return {
    tasks: models.map((found) => ({ task: { ...shared, model: found.model, candidate: candidateOf(found) }, model: found.bytes })),
    says:
      models.length > 0
        ? `Weighs ${models.map(({ model }) => model).join(', ')} of run ${run.id}.`
        : `The run ${run.id} left no model: nothing is weighed.`,
  };
}

/** `/weighin run`: the newest run of the pull request's workflow at that commit, with the same proofs. */
async function resolveRequest(deps: ResolveDeps, { headSha, pull: number, model }: WeighRequest): Promise<Resolved> {
  const { forge } = deps;
  const pull = number === null ? null : await forge.pulls.read(number);
  const head = headSha ?? pull?.head.sha ?? null;
  if (!pull || pull.head.sha !== head)
    throw new UserError(
      'HEAD_MOVED',
      `Pull request ${number ?? '?'} does not stand at ${head?.slice(0, 12) ?? 'any commit'} any more.`,
      'Ask again: `/weighin run`.',
    );
  if (pull.state !== 'open' || pull.base !== forge.repository.defaultBranch)
    throw new UserError(
      'PULL_NOT_WEIGHED',
      `Pull request ${pull.number} is ${pull.state} and goes onto ${pull.base}.`,
      `Only an open one onto ${forge.repository.defaultBranch} is weighed.`,
    );
  const runs = await forge.actions.runs({ workflow: claimWorkflow.split('/').at(-1) ?? '', event: 'pull_request', sha: head });
  const run = runs.find(
    ({ status, headSha: at, headBranch, headRepository }) =>
      status === 'completed' &&
      at === head &&
      headBranch === pull.head.branch &&
      headRepository?.fullName.split('/')[0] === pull.head.owner,
  );
  if (!run)
    throw trainingMissing(
      `No run of ${claimWorkflow} has ended at ${head.slice(0, 12)}`,
      'Approve that workflow to run and wait for its end, then ask again.',
    );
  const resolved = await resolveRun(deps, run, model, pull);
  if (resolved.tasks.length === 0)
    throw trainingMissing(resolved.says.replace(/: nothing is weighed\.$/, ''), 'Look at that run: it must train and upload its files.');
  return resolved;
}

async function resolvePromotion({ forge, config }: ResolveDeps, { model, promotion, version }: WeighRequest): Promise<Resolved> {
  const [named, stage] = promotion?.split('.') ?? [];
  if (model === null || version === null || stage === undefined || named !== model)
    throw new UserError(
      'REQUEST_INVALID',
      `The request to weigh ${model ?? 'no model'} for ${promotion} does not fit together.`,
      'Cancel the promotion and ask for it anew.',
    );
  const { defaultBranch } = forge.repository;
  const [tip] = await forge.git.read([{ ref: defaultBranch, paths: [config] }]);
  if (!tip?.commit) throw new UserError('NO_DEFAULT_BRANCH', `The branch ${defaultBranch} holds nothing.`, 'Commit weighin.yaml to it.');
  const task: WeighTask = {
    schema: 'weighin/weigh-task@1',
    purpose: 'promote',
    model,
    repositoryId: forge.repository.id,
    repository: `${forge.repository.owner}/${forge.repository.name}`,
    defaultBranch,
    config,
    policyCommit: tip.commit,
    headSha: null,
    base: null,
    pull: null,
    claimedRun: null,
    promotion,
    stage,
    version,
    candidate: null,
    reuse: false,
    authors: [],
    actors: [],
    changed: [],
  };
  return { tasks: [{ task, model: null }], says: `Weighs ${model}@v${version} again for ${promotion}.` };
}

/** The default branch's commit, where its workflow file is the one that ran. */
async function requireSameWorkflow(forge: Forge, headSha: string): Promise<string> {
  const paths = [claimWorkflow];
  const [ours, theirs] = await forge.git.read([
    { ref: forge.repository.defaultBranch, paths },
    { ref: headSha, paths },
  ]);
  const own = ours?.files.get(claimWorkflow) ?? null;
  if (!ours?.commit || own === null || own !== (theirs?.files.get(claimWorkflow) ?? null))
    throw new UserError(
      'WORKFLOW_CHANGED',
      `${claimWorkflow} at ${headSha.slice(0, 12)} is not the default branch's, so what it left is not taken.`,
      'Change the workflow in a pull request of its own; after its merge, bring the default branch into this one.',
    );
  return ours.commit;
}

async function pullOfRun(forge: Forge, run: WorkflowRun): Promise<PullSnapshot | null> {
  const owner = run.headRepository?.fullName.split('/')[0];
  if (!owner || !run.headBranch) return null;
  const found = (await forge.pulls.ofHead(`${owner}:${run.headBranch}`))
    .filter(({ state, base, head }) => state === 'open' && head.sha === run.headSha && base === forge.repository.defaultBranch)
    .map(({ number }) => number)
    .sort((a, b) => a - b)[0];
  return found === undefined ? null : forge.pulls.read(found);
}

/** The pull request that brought a commit to the default branch, so that its authors are known; null for a direct push. */
async function pullOfCommit({ forge, pullsOfCommit }: ResolveDeps, sha: string): Promise<PullSnapshot | null> {
  for (const number of await pullsOfCommit(sha)) {
    const pull = await forge.pulls.read(number);
    if (pull?.state === 'merged' && pull.base === forge.repository.defaultBranch) return pull;
  }
  return null;
}

/** GitHub gives such a run no credentials, and rows are not handed to code that nobody here has seen. */
const isFromOutside = (pull: PullSnapshot, run: WorkflowRun) => pull.head.fork || run.actor?.login === 'dependabot[bot]';

/**
 * Who opened it, wrote a commit of it (co-authors too) or committed one. 0 stands for whoever is no account here, and for the commits that
 * GitHub does not list: it may be somebody who approves, so one approval more is asked for.
 */
function authorsOf(pull: PullSnapshot): number[] {
  const people = [pull.author, ...pull.commits.flatMap(({ authors, committer }) => [...authors, committer])];
  return [...accounts(people), ...(pull.moreCommits || people.includes(null) ? [0] : [])];
}

const accounts = (people: readonly (Person | null)[]) => [...new Set(people.flatMap((person) => (person ? [person.id] : [])))];
const candidateOf = ({ file, digest, bytes }: ClaimedModel) => ({ file, digest, bytes: bytes.byteLength });
/** The API gives some paths with the ref behind them. */
const pathOf = ({ path }: WorkflowRun) => path.replace(/@.*$/, '');
const trainingMissing = (what: string, todo: string) => new UserError('TRAINING_MISSING', `${what}, so there is no model to weigh.`, todo);
