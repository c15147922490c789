import type { components } from '@octokit/openapi-types';
import { expect, expectTypeOf, it } from 'vitest';
import type { integration, simpleUser } from '../../support/github/payloads/account.ts';
import type { checkRunJson } from '../../support/github/payloads/check-run.ts';
import type { commitJson, differenceJson, gitCommitJson } from '../../support/github/payloads/commit.ts';
import type { deploymentJson, deploymentStatusJson } from '../../support/github/payloads/deployment.ts';
import type { commentJson, issueJson, reactionJson } from '../../support/github/payloads/issue.ts';
import type { pullJson, pullSummaryJson, reviewJson } from '../../support/github/payloads/pull.ts';
import type { assetJson, releaseJson } from '../../support/github/payloads/release.ts';
import type { fullRepository, minimalRepository } from '../../support/github/payloads/repository.ts';
import type { artifactJson, workflowRunJson } from '../../support/github/payloads/workflow-run.ts';

type Schemas = components['schemas'];
/** A word of GitHub's is a string of ours; what is optional there may be missing here. */
type Loose<T> = T extends string
  ? string
  : T extends readonly (infer Item)[]
    ? readonly Loose<Item>[]
    : T extends object
      ? { [K in keyof T]: Loose<T[K]> }
      : T;
type Shared<Ours, Theirs> = keyof Ours & keyof Theirs;
/** Fields of ours whose value GitHub's description does not allow. */
type Wrong<Ours, Theirs> = { [K in Shared<Ours, Theirs>]: Loose<Ours[K]> extends Loose<Theirs[K]> ? never : K }[Shared<Ours, Theirs>];
type Required<T> = { [K in keyof T]-?: object extends Pick<T, K> ? never : K }[keyof T];
/** Fields that GitHub always sends and we do not. */
type Missing<Ours, Theirs> = Exclude<Required<Theirs>, keyof Ours>;
type Fits<Answer extends (...args: never[]) => unknown, Name extends keyof Schemas> =
  | Wrong<ReturnType<Answer>, Schemas[Name]>
  | Missing<ReturnType<Answer>, Schemas[Name]>;

it('answers with what the description of the REST API says', () => {
  expectTypeOf<Fits<typeof simpleUser, 'simple-user'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof integration, 'nullable-integration'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof minimalRepository, 'minimal-repository'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof fullRepository, 'full-repository'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof issueJson, 'issue'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof commentJson, 'issue-comment'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof reactionJson, 'reaction'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof pullSummaryJson, 'pull-request-simple'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof pullJson, 'pull-request'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof reviewJson, 'pull-request-review'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof checkRunJson, 'check-run'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof commitJson, 'commit'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof gitCommitJson, 'git-commit'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof differenceJson, 'diff-entry'>>().toEqualTypeOf<never>();
  // Its description allows no null, and GitHub sends it all the same where the fork is gone.
  expectTypeOf<Fits<typeof workflowRunJson, 'workflow-run'>>().toEqualTypeOf<'head_repository'>();
  expectTypeOf<Fits<typeof artifactJson, 'artifact'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof deploymentJson, 'deployment'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof deploymentStatusJson, 'deployment-status'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof releaseJson, 'release'>>().toEqualTypeOf<never>();
  expectTypeOf<Fits<typeof assetJson, 'release-asset'>>().toEqualTypeOf<never>();
  // The comparison itself can fail: TypeScript would say so in `npm run check`.
  expectTypeOf<Wrong<{ id: string }, { id: number }>>().toEqualTypeOf<'id'>();
  expect.assertions(0);
});
