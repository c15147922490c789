import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, vi } from 'vitest';
import { reportSchema } from '../../shared/report/report.ts';
import { type GitHubDouble, openGitHubDouble } from './act-github-double.ts';
import { type ActRequest, runAct, type StagedRelease, stageRelease } from './act-run.ts';

/** What the files under test/e2e/act share: a staged release, and for each test a GitHub of its own, with the job's token. */
export function useAct() {
  vi.setConfig({ testTimeout: 240_000 });
  let release: StagedRelease;
  let github: GitHubDouble;
  beforeAll(async () => {
    release = await stageRelease();
  }, 120_000);
  beforeEach(async () => {
    github = await openGitHubDouble();
    github.allow('ghs_of_the_job');
  });
  afterEach(() => github.close());
  return {
    run: (request: Omit<ActRequest, 'release' | 'api'>) => runAct({ release, api: github.url, ...request }),
    github: () => github,
    /** A folder beside the release, which outlives a job. */
    folder: (name: string) => join(release.folder, '..', name),
  };
}

/** A report as it was uploaded, held against its schema. */
export const readUploaded = (artifacts: string, name: string, model = 'churn') =>
  reportSchema.parse(JSON.parse(readFileSync(join(artifacts, name, model, 'report.json'), 'utf8')));
