import { readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createActionsProgress } from '../../../../shared/adapters/github/actions-progress.ts';
import { annotate } from '../../../../shared/adapters/github/annotate.ts';
import { capMarkdown } from '../../../../shared/adapters/github/cap-markdown.ts';
import { writeStepSummary } from '../../../../shared/adapters/github/write-step-summary.ts';

let log = '';
beforeEach(() => {
  log = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    log += String(chunk);
    return true;
  });
});
afterEach(() => vi.restoreAllMocks());

describe('the log of a job', () => {
  it('folds each step and closes the last one', () => {
    const progress = createActionsProgress();
    progress.step('dataset');
    progress.note('2,000 rows');
    progress.step('training', 'python train.py');
    progress.end();
    progress.end();
    expect(log.split('\n')).toEqual([
      '::group::dataset',
      '2,000 rows',
      '::endgroup::',
      '::group::training: python train.py',
      '::endgroup::',
      '',
    ]);
  });

  it('shows what a command prints and obeys none of it', () => {
    const progress = createActionsProgress();
    progress.note('::set-output name=verdict::pass');
    progress.note('  ::add-mask::e\nfine\n::error::not mine');
    progress.note('train │ ##[error]old style');
    expect(log).toBe(': :set-output name=verdict::pass\n  : :add-mask::e\nfine\n: :error::not mine\ntrain │ ## [error]old style\n');
  });
});

describe('annotations', () => {
  it('name file and line, the worst first', () => {
    annotate([
      { level: 'warning', title: 'Nulls', message: 'income: 9 %', file: 'contracts/a.yaml', line: 7 },
      { level: 'error', title: 'Unique: id', message: '2 rows\nrow 4', file: 'contracts/a.yaml', line: 3 },
      { level: 'notice', title: 'Note', message: 'nothing more', line: 3 },
    ]);
    expect(log.split('\n')).toEqual([
      '::error title=Unique%3A id,file=contracts/a.yaml,line=3::2 rows%0Arow 4',
      '::warning title=Nulls,file=contracts/a.yaml,line=7::income: 9 %25',
      '::notice title=Note::nothing more',
      '',
    ]);
  });

  it('are at most 50, and the last one says how many are missing', () => {
    annotate([
      ...Array.from({ length: 70 }, (_, index) => ({ level: 'warning' as const, title: 't', message: `w${index}` })),
      { level: 'error', title: 'e', message: 'worst' },
    ]);
    const lines = log.trimEnd().split('\n');
    expect(lines).toHaveLength(50);
    expect(lines[0]).toContain('worst');
    expect(lines.at(-1)).toBe('::notice title=More in the report::22 more findings are in the report.');
  });
});

describe('Markdown that is too long', () => {
  it('stays whole when it fits', () => expect(capMarkdown('a\nb', 3, 'cut')).toBe('a\nb'));

  it.each([60, 61, 80, 100, 140])('ends at a line, closed, within %d characters', (limit) => {
    const text = `intro\n<details><summary>a</summary>\n<details><summary>b</summary>\n\n\`\`\`\n${'line of code\n'.repeat(40)}`;
    const cut = capMarkdown(text, limit, '(cut)');
    expect(cut.length).toBeLessThanOrEqual(limit);
    expect(cut.endsWith('\n\n(cut)')).toBe(true);
    expect(cut.match(/<details/g)?.length ?? 0).toBe(cut.match(/<\/details>/g)?.length ?? 0);
    expect((cut.match(/^```/gm)?.length ?? 0) % 2).toBe(0);
  });
});

it('adds to the summary page of the run, and nowhere where there is none', async () => {
  const file = join(tmpdir(), `weighin-summary-${process.pid}.md`);
  await writeFile(file, 'before\n');
  vi.stubEnv('GITHUB_STEP_SUMMARY', file);
  await writeStepSummary('# churn');
  expect(await readFile(file, 'utf8')).toBe('before\n# churn\n');
  vi.stubEnv('GITHUB_STEP_SUMMARY', '');
  await writeStepSummary('# lost');
  vi.unstubAllEnvs();
  expect(await readFile(file, 'utf8')).not.toContain('lost');
});
