/**
 * What the forge needs of an Octokit: Probot's own, the `octokit` package's and the one of `@actions/github` all have it. GraphQL goes
 * through `request` as well, since only there the answer's headers are seen.
 */
export interface Octokit {
  readonly request: {
    (route: string, parameters?: Record<string, unknown>): Promise<OctokitAnswer>;
    readonly endpoint: { readonly DEFAULTS: { readonly baseUrl: string; readonly request?: { readonly fetch?: typeof fetch } } };
  };
}

export interface OctokitAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | number | undefined>>;
  readonly data: unknown;
}

/** Where one repository of GitHub is asked. Octokit fills the templates of its routes from it. */
export interface Place {
  readonly owner: string;
  readonly repo: string;
}
