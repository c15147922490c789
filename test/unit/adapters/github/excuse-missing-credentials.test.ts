import { describe, expect, it } from 'vitest';
import { outcomeOf } from '../../../../shared/adapters/github/deliver-reports.ts';
import { excuseMissingCredentials } from '../../../../shared/adapters/github/excuse-missing-credentials.ts';
import { stepFails } from '../../../../shared/adapters/github/step-fails.ts';
import { reportSchema } from '../../../../shared/report/report.ts';
import { better, broken, failedTest, failedTraining, worse } from '../../../support/reports/reports.ts';

const judged = (report: ReturnType<typeof better>) => {
  const excused = excuseMissingCredentials({ ...report, mode: 'enforce' }, 'fork');
  reportSchema.parse(excused);
  return {
    verdict: excused.verdict,
    red: stepFails(outcomeOf([excused]), 'error'),
    redOnWarnings: stepFails(outcomeOf([excused]), 'warn'),
  };
};

describe('a run without credentials', () => {
  it.each([
    ['a model that looks better', better()],
    ['a model that looks worse', worse()],
    ['a training that could not be finished', failedTraining()],
  ])('leaves %s open, and is never red for it', (_, report) => {
    expect(judged(report)).toEqual({ verdict: 'inconclusive', red: false, redOnWarnings: false });
  });

  it.each([
    ['broken data', broken()],
    ['a broken test', failedTest()],
  ])('is red for %s, which needs none', (_, report) => {
    expect(judged(report)).toEqual({ verdict: 'fail', red: true, redOnWarnings: true });
  });

  it('says so once, and what to do', () => {
    const once = excuseMissingCredentials(better(), 'dependabot');
    const twice = excuseMissingCredentials(once, 'dependabot');
    expect(twice.notices.filter(({ code }) => code === 'NO_CREDENTIALS')).toHaveLength(1);
    expect(once).toMatchObject({
      headline: expect.stringContaining('NO_CREDENTIALS'),
      why: expect.stringContaining('Dependabot'),
      next: expect.stringContaining('write access'),
    });
  });
});
