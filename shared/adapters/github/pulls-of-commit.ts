import { z } from 'zod';
import { InfrastructureError } from '../../errors.ts';
import { describeFailure } from './retry-request.ts';

const answerSchema = z.array(z.object({ number: z.number().int().positive() }));

/** Numbers of the pull requests that a commit came with, as GitHub keeps them. @throws InfrastructureError FORGE_UNREACHABLE */
export async function pullsOfCommit(
  place: { owner: string; repo: string; token: string; baseUrl: string | undefined },
  sha: string,
): Promise<readonly number[]> {
  const { owner, repo, token, baseUrl } = place;
  const { getOctokit } = await import('@actions/github');
  const octokit = getOctokit(token, baseUrl ? { baseUrl } : {});
  try {
    const { data } = await octokit.request('GET /repos/{owner}/{repo}/commits/{commit_sha}/pulls', { owner, repo, commit_sha: sha });
    return answerSchema.parse(data).map(({ number }) => number);
  } catch (error) {
    throw new InfrastructureError(
      'FORGE_UNREACHABLE',
      `GitHub did not say which pull request ${sha.slice(0, 12)} came with: ${describeFailure(error)}.`,
      { cause: error },
    );
  }
}
