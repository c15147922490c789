import { expect, it } from 'vitest';
import { verdictOf } from '../../../shared/gate/verdict-of.ts';
import { verdicts, worstVerdict } from '../../../shared/verdict/verdict.ts';

it('is the worst of all, and pass of nothing', () => {
  expect(worstVerdict([])).toBe('pass');
  for (const [place, worst] of verdicts.entries()) expect(worstVerdict(verdicts.slice(0, place + 1))).toBe(worst);
});

it('counts an open gate as the policy says, and blocks for fail and error alone', () => {
  const open = [{ status: 'pass' }, { status: 'inconclusive' }] as const;
  expect(verdictOf(open, 'warn')).toEqual({ verdict: 'inconclusive', blocks: false });
  expect(verdictOf(open, 'fail')).toEqual({ verdict: 'fail', blocks: true });
  expect(verdictOf(open, 'pass')).toEqual({ verdict: 'pass', blocks: false });
  expect(verdictOf([{ status: 'error' }, { status: 'fail' }], 'warn')).toEqual({ verdict: 'error', blocks: true });
});
