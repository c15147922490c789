import type { Config } from '../config/schema.ts';

/** An answer, or why there is none: what could not be asked is never taken for what is not there. */
export type Known<Value> = { readonly known: true; readonly value: Value } | { readonly known: false; readonly why: string };

/** All that the doctor looks at: the checkout, and what GitHub says about the repository. */
export interface DoctorFacts {
  readonly checkout: CheckoutFacts;
  readonly github: GitHubFacts;
}

export interface CheckoutFacts {
  /** weighin.yaml as it lies here; null with what is wrong about it. */
  readonly config: Config | null;
  readonly configProblem: string | null;
  /** Path of the configuration from the repository's top. */
  readonly configPath: string;
  /** `.github/workflows/*`, parsed; null where a file is no YAML. */
  readonly workflows: ReadonlyMap<string, WorkflowFile | null>;
  /** The file that GitHub takes, with where it lies; null where there is none. */
  readonly codeowners: { readonly path: string; readonly text: string } | null;
}

export interface WorkflowFile {
  /** Triggers by name, each with its filters. */
  readonly on: Readonly<
    Record<string, { readonly paths: boolean; readonly types: readonly string[]; readonly workflows: readonly string[] }>
  >;
  /** Every `uses:` of its jobs and steps. */
  readonly uses: readonly string[];
  /** Whether a job checks something out by a `ref:` of its own. */
  readonly checksOutRef: boolean;
  readonly environments: readonly string[];
  readonly name: string | null;
}

export interface GitHubFacts {
  /** `https://github.com/acme/churn`; null where no remote says which repository this is. */
  readonly url: string | null;
  readonly defaultBranch: Known<string>;
  /** The App, by its key or its name; null where it is not installed here. */
  readonly app: Known<AppGrant | null>;
  /** Rules that hold on the default branch, and on the bot's own. */
  readonly mainRules: Known<readonly BranchRule[]>;
  readonly stateRules: Known<readonly BranchRule[]>;
  readonly environments: Known<readonly EnvironmentFact[]>;
}

export interface AppGrant {
  readonly id: number;
  readonly slug: string;
  readonly permissions: Readonly<Record<string, string>>;
  readonly events: readonly string[];
  /** granted: what the installation here has. declared: what the App asks for, where only its page could be read. */
  readonly source: 'granted' | 'declared';
}

export interface BranchRule {
  readonly type: string;
  readonly ruleset: number | null;
  /** Of `required_status_checks`: each with the App that alone may post it. */
  readonly checks: readonly { readonly context: string; readonly app: number | null }[];
  /** Of `pull_request`. */
  readonly codeOwnerReview: boolean;
  /** Apps and others that the rule does not hold for; null where this token may not see them. */
  readonly bypass: readonly { readonly type: string; readonly id: number | null }[] | null;
}

export interface EnvironmentFact {
  readonly name: string;
  /** Branches that may use it: `all`, `protected` ones, or those of these patterns. */
  readonly branches: 'all' | 'protected' | readonly string[];
  readonly reviewers: boolean;
}
