import { z } from 'zod';
import type { AppGrant, BranchRule, EnvironmentFact, GitHubFacts, Known } from '../../doctor/doctor-facts.ts';
import { InfrastructureError } from '../../errors.ts';
import { connectApp } from '../github-app/connect-app.ts';
import { type ClientOptions, openTokenClient } from '../github-app/open-octokit.ts';
import { describeFailure } from '../github-forge/forge-error.ts';

export interface AskGitHubOptions extends ClientOptions {
  readonly owner: string;
  readonly name: string;
  /** Of the web pages: `https://github.com`. */
  readonly webUrl: string;
  readonly token: string;
  /** The App by its key: says what was granted here. */
  readonly key?: { readonly appId: number; readonly privateKey: string };
  /** The App by its name: its page says what it asks for. */
  readonly appSlug?: string | undefined;
}

const ruleSchema = z.object({
  type: z.string(),
  ruleset_id: z.number().optional(),
  parameters: z
    .object({
      required_status_checks: z.array(z.object({ context: z.string(), integration_id: z.number().nullish() })).optional(),
      require_code_owner_review: z.boolean().optional(),
    })
    .optional(),
});
const rulesetSchema = z.object({
  bypass_actors: z.array(z.object({ actor_id: z.number().nullish(), actor_type: z.string() })).optional(),
});
const environmentsSchema = z.object({
  environments: z.array(
    z.object({
      name: z.string(),
      protection_rules: z.array(z.object({ type: z.string() })).default([]),
      deployment_branch_policy: z.object({ protected_branches: z.boolean(), custom_branch_policies: z.boolean() }).nullish(),
    }),
  ),
});
const policiesSchema = z.object({ branch_policies: z.array(z.object({ name: z.string() })) });
const appSchema = z.object({
  id: z.number(),
  slug: z.string(),
  permissions: z.record(z.string(), z.string()).default({}),
  events: z.array(z.string()).default([]),
});

/** Asks everything that the doctor wants to know of a repository; each question that fails is an unknown with its reason. */
export async function askGitHub(options: AskGitHubOptions): Promise<GitHubFacts> {
  const { owner, name, webUrl, token } = options;
  const client = openTokenClient(options, token);
  const ask = async <Shape>(route: string, parameters: Record<string, unknown>, schema: z.ZodType<Shape>): Promise<Shape> =>
    schema.parse((await client.request(route, { owner, repo: name, per_page: 100, ...parameters })).data);

  const defaultBranch = await know(
    async () => (await ask('GET /repos/{owner}/{repo}', {}, z.object({ default_branch: z.string() }))).default_branch,
  );
  const rulesOf = (branch: string) =>
    know(async (): Promise<readonly BranchRule[]> => {
      const rules = await ask('GET /repos/{owner}/{repo}/rules/branches/{branch}', { branch }, z.array(ruleSchema));
      const ids = [...new Set(rules.flatMap(({ ruleset_id }) => ruleset_id ?? []))];
      const bypass = new Map(
        await Promise.all(
          ids.map(async (id) => {
            const { bypass_actors: actors } = await ask(
              'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}',
              { ruleset_id: id },
              rulesetSchema,
            );
            return [id, actors?.map(({ actor_type, actor_id }) => ({ type: actor_type, id: actor_id ?? null })) ?? null] as const;
          }),
        ),
      );
      return rules.map(({ type, ruleset_id: ruleset = null, parameters }) => ({
        type,
        ruleset,
        checks: (parameters?.required_status_checks ?? []).map(({ context, integration_id }) => ({ context, app: integration_id ?? null })),
        codeOwnerReview: parameters?.require_code_owner_review === true,
        bypass: (ruleset === null ? null : bypass.get(ruleset)) ?? null,
      }));
    });

  const environments = know(async () => {
    const { environments: found } = await ask('GET /repos/{owner}/{repo}/environments', {}, environmentsSchema);
    return Promise.all(
      found.map(async ({ name: environment, protection_rules, deployment_branch_policy: policy }): Promise<EnvironmentFact> => {
        const reviewers = protection_rules.some(({ type }) => type === 'required_reviewers');
        if (!policy) return { name: environment, branches: 'all', reviewers };
        if (policy.protected_branches) return { name: environment, branches: 'protected', reviewers };
        const route = 'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies';
        const { branch_policies } = await ask(route, { environment_name: environment }, policiesSchema);
        return { name: environment, branches: branch_policies.map((one) => one.name), reviewers };
      }),
    );
  });

  const [app, mainRules, stateRules, known] = await Promise.all([
    know(() => findApp(options, ask)),
    defaultBranch.known ? rulesOf(defaultBranch.value) : defaultBranch,
    rulesOf('weighin/state'),
    environments,
  ]);
  return {
    url: `${webUrl}/${owner}/${name}`,
    defaultBranch,
    app: app.known && app.value === 'unnamed' ? { known: false, why: unnamedApp } : (app as Known<AppGrant | null>),
    mainRules,
    stateRules,
    environments: known,
  };
}

const unnamedApp =
  'name it with --app, or set APP_ID and PRIVATE_KEY. Without an App promotion is advisory, since any workflow could post its check.';

async function findApp(
  options: AskGitHubOptions,
  ask: <Shape>(route: string, parameters: Record<string, unknown>, schema: z.ZodType<Shape>) => Promise<Shape>,
): Promise<AppGrant | null | 'unnamed'> {
  const { key, appSlug, owner, name } = options;
  if (key) {
    const app = connectApp({ ...options, ...key });
    const [facts, installation] = [await app.identify(), await app.installationOf(owner, name)];
    return (
      installation && { id: facts.id, slug: facts.slug, events: facts.events, permissions: installation.permissions, source: 'granted' }
    );
  }
  if (!appSlug) return 'unnamed';
  const { id, slug, events, permissions } = await ask('GET /apps/{app_slug}', { app_slug: appSlug }, appSchema);
  return { id, slug, events, permissions, source: 'declared' };
}

async function know<Value>(question: () => Promise<Value>): Promise<Known<Value>> {
  try {
    return { known: true, value: await question() };
  } catch (error) {
    if (error instanceof InfrastructureError) return { known: false, why: error.message };
    if (error instanceof z.ZodError) return { known: false, why: 'GitHub’s answer is not as documented.' };
    const { status, message } = describeFailure(error);
    if (status === 404) return { known: false, why: 'it is not there, or this token may not see it.' };
    return { known: false, why: `${status === null ? '' : `${status} `}${message}.` };
  }
}

/** For a repository that nobody can be asked about. */
export const notAsked = (url: string | null, why: string): GitHubFacts => {
  const unknown = { known: false, why } as const;
  return { url, defaultBranch: unknown, app: unknown, mainRules: unknown, stateRules: unknown, environments: unknown };
};
