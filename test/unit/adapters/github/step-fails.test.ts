import { expect, it } from 'vitest';
import { stepFails } from '../../../../shared/adapters/github/step-fails.ts';
import { verdicts } from '../../../../shared/verdict/verdict.ts';

const failing = (failOn: 'error' | 'warn' | 'never', more: object = {}) =>
  verdicts.filter((verdict) => stepFails({ verdict, blocks: verdict === 'fail' || verdict === 'error', mode: 'enforce', ...more }, failOn));

it('fails a step on what stops, on what warns, or never', () => {
  expect(failing('error')).toEqual(['fail', 'error']);
  expect(failing('warn')).toEqual(['warn', 'inconclusive', 'fail', 'error']);
  expect(failing('never')).toEqual([]);
});

it('never fails a step that only advises', () => {
  expect(failing('warn', { mode: 'advise' })).toEqual([]);
});

it('blames nobody for credentials that GitHub withholds', () => {
  expect(failing('warn', { excused: true })).toEqual(['warn', 'fail', 'error']);
});
