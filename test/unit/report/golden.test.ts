import { expect, it } from 'vitest';
import { renderComment } from '../../../shared/report/comment/render-comment.ts';
import { renderStepSummary } from '../../../shared/report/render-step-summary.ts';
import { reportSchema } from '../../../shared/report/report.ts';
import { renderTerminal } from '../../../shared/report/terminal/render-terminal.ts';
import { failedTest, failedTraining, fixtures } from '../../support/reports/reports.ts';

const reportUrl = 'https://github.com/acme/churn/actions/runs/42';

for (const [name, build] of Object.entries({ ...fixtures, failedTest, failedTraining })) {
  it(`tells "${name}" in the same words as before`, async () => {
    const report = build();
    expect(reportSchema.safeParse(report).error).toBeUndefined();
    await expect(renderComment([report], { reportUrl })).toMatchFileSnapshot(`golden/${name}.comment.md`);
    await expect(renderStepSummary(report)).toMatchFileSnapshot(`golden/${name}.summary.md`);
    await expect(`${renderTerminal(report, { color: false, width: 120 })}\n`).toMatchFileSnapshot(`golden/${name}.terminal.txt`);
  });
}
