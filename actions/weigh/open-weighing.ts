import { cp, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { fetchTree } from '../../shared/adapters/git/fetch-tree.ts';
import { openRunContext } from '../../shared/adapters/open-run-context.ts';
import { openStore } from '../../shared/adapters/open-store.ts';
import { type LoadedConfig, loadConfig } from '../../shared/config/load-config.ts';
import { mergePolicy } from '../../shared/config/merge-policy.ts';
import type { Contract } from '../../shared/contract/contract.ts';
import { mergeSeverities } from '../../shared/contract/merge-severities.ts';
import { readContract } from '../../shared/contract/read-contract.ts';
import { UserError } from '../../shared/errors.ts';
import { checkPolicies } from '../../shared/gate/check-policies.ts';
import type { Progress } from '../../shared/pipeline/progress.ts';
import { type ModelRun, modelRun, type OpenedStore, type RunContext } from '../../shared/pipeline/run-context.ts';
import type { WeighTask } from '../../shared/pipeline/weigh/weigh-documents.ts';
import { readVersion } from '../../shared/registry/read-versions.ts';
import type { Notice } from '../../shared/verdict/notice.ts';
import { requireOwnFiles } from './require-own-files.ts';

export interface WeighingRequest {
  readonly task: WeighTask;
  /** Absolute; trees and the run's own files go here. SQL reaches the folder around it, where the steps hand on, and nothing else. */
  readonly work: string;
  readonly token: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly progress: Progress;
}

/** A run of one model: the head's files and model, the default branch's policy, its registry and its store. */
export interface Weighing {
  readonly context: RunContext;
  readonly run: ModelRun;
  /** Gives a contract the severities of the default branch's. */
  readonly judgedBy: (contract: Contract | null) => Contract | null;
  readonly notices: readonly Notice[];
  readonly headSha: string;
  readonly tree: string;
  /** Absolute folder of the head's files, and of the model's in it. */
  readonly head: string;
  readonly within: string;
}

export const repositoryUrl = (task: WeighTask, env: WeighingRequest['env']) =>
  `${env['GITHUB_SERVER_URL'] ?? 'https://github.com'}/${task.repository}.git`;

/** Lays both commits out as files and puts the run together. Nothing of the head is executed here: its files are read. */
export async function openWeighing(request: WeighingRequest): Promise<Weighing> {
  const { task, work, token, env, progress } = request;
  const url = repositoryUrl(task, env);
  const { base, store, folder: policy } = await openPolicy(request);
  const headSha = await headOf(task, store);
  const head = join(work, 'head');
  await rm(head, { recursive: true, force: true });
  const tree = await fetchTree({ url, token, commit: headSha, folder: head });
  const home = dirname(task.config);
  await takeRegistry(join(policy, home), join(head, home));

  const opened = await openRunContext({
    config: task.config,
    root: head,
    output: join(work, 'run'),
    progress,
    env,
    reach: [dirname(work)],
  });
  const model = opened.config.config.models[task.model];
  if (!model)
    throw new UserError(
      'MODEL_UNKNOWN',
      `There is no model ${task.model} in ${task.config} at ${headSha.slice(0, 12)}.`,
      'Its files were left by another configuration.',
    );
  const { config, isNew, changed } = mergePolicy(base.config, opened.config.config, task.model);
  requireOwnFiles(config, base.config, task.model);
  const merged: LoadedConfig = { ...opened.config, config };
  checkPolicies(merged);
  const context: RunContext = {
    ...opened,
    config: merged,
    store: async () => store,
    source: async () => ({
      repositoryId: task.repositoryId,
      repository: task.repository,
      commit: headSha,
      tree,
      dirty: false,
      pull: task.pull,
      changed: task.changed,
      untrusted: false,
    }),
  };
  const run = withStage(modelRun(context, task.model), task.stage);
  const named = base.config.models[task.model]?.data?.contract;
  const trusted = named === undefined ? null : await readTrusted(resolve(base.rootOf(task.model), named), named);
  return {
    context,
    run,
    judgedBy: (contract) => mergeSeverities(trusted, contract),
    notices: noticesOf(task, isNew, changed),
    headSha,
    tree,
    head,
    within: relative(head, run.root).replaceAll('\\', '/'),
  };
}

/** The default branch's configuration and the store that it names; whoever runs here may read it, and writes nothing. */
export async function openPolicy({
  task,
  work,
  token,
  env,
  progress,
}: WeighingRequest): Promise<{ base: LoadedConfig; store: OpenedStore; folder: string }> {
  const folder = join(work, 'policy');
  await rm(folder, { recursive: true, force: true });
  await fetchTree({ url: repositoryUrl(task, env), token, commit: task.policyCommit, folder });
  const base = await loadConfig(task.config, { root: folder });
  const root = resolve(folder, dirname(task.config));
  const opened = await openStore(base.config.store, { root, env, inActions: env['GITHUB_ACTIONS'] === 'true', warn: progress.warn });
  return { base, folder, store: { ...opened, writable: false } };
}

/** A version is weighed on the data that it was made of; one that was made elsewhere, on today's. */
async function headOf(task: WeighTask, { store }: OpenedStore): Promise<string> {
  if (task.purpose !== 'promote') return task.headSha ?? task.policyCommit;
  const { record } = await readVersion(store, task.model, task.version ?? 0);
  return record.source.repositoryId === task.repositoryId && record.source.commit !== null ? record.source.commit : task.policyCommit;
}

/** What the stages point at is the default branch's to say. */
async function takeRegistry(from: string, to: string): Promise<void> {
  await rm(join(to, 'registry'), { recursive: true, force: true });
  await mkdir(to, { recursive: true });
  await cp(join(from, 'registry'), join(to, 'registry'), { recursive: true }).catch((cause: unknown) => {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'ENOENT')) throw cause;
  });
}

/** For a promotion, the baseline is what its stage points at now. */
function withStage(run: ModelRun, stage: string | null): ModelRun {
  if (stage === null) return run;
  const { evaluation } = run.config;
  return { ...run, config: { ...run.config, evaluation: { ...evaluation, baseline: { ...evaluation.baseline, stage } } } };
}

const readTrusted = async (path: string, shown: string): Promise<Contract | null> => {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : readContract(text, shown);
};

function noticesOf({ purpose, defaultBranch, model }: WeighTask, isNew: boolean, changed: boolean): readonly Notice[] {
  if (isNew)
    return [
      {
        code: 'POLICY_NEW',
        message: `${defaultBranch} has no model ${model} yet, so it was judged by its own policy. Its promotion is weighed again under what was merged.`,
      },
    ];
  if (!changed || purpose === 'promote') return [];
  return [
    {
      code: 'POLICY_CHANGED',
      message: `This change also changes the policy. It was judged by the one on ${defaultBranch}; the new one counts once it is merged.`,
    },
  ];
}
