import type { TestResult } from '../training/training-result.ts';
import { formatCount, formatMany } from '../words/format-number.ts';
import { clipText } from '../words/visible-text.ts';

export function wordsOfTest(test: TestResult): { headline: string; why: string; next: string } {
  const { cases } = test;
  const count = cases
    ? `${formatCount(cases.failed)} of ${formatMany(cases.total, 'case')} failed`
    : test.exitCode === null
      ? 'could not be run'
      : `ended with exit code ${test.exitCode}`;
  const names = test.failures.slice(0, 3).map((name) => clipText(name, 80));
  return {
    headline: `Test ${test.name}${cases ? ':' : ''} ${count}`,
    why:
      names.length > 0
        ? `Failed: ${names.join(', ')}${test.failures.length > names.length ? ' …' : ''}.`
        : `${test.message.replace(/\.?\s*$/, '')}.`,
    next: `Run \`${clipText(test.command, 120)}\` and mend what it names.`,
  };
}
