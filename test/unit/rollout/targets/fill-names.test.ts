import { expect, it } from 'vitest';
import { fillNames } from '../../../../shared/rollout/targets/fill-names.ts';

const of = { model: 'churn', stage: 'production', version: { number: 12, digest: `sha256:${'9f'.repeat(32)}` } };

it('fills each name wherever it stands, and leaves other braces alone', () => {
  expect(fillNames('{model}-{version}', of, 'target.service')).toBe('churn-v12');
  expect(fillNames('s3://m/{model}/{number}/{digest}.onnx?{stage}{stage}', of, 'target.uri')).toBe(
    `s3://m/churn/12/${'9f'.repeat(32)}.onnx?productionproduction`,
  );
  expect(fillNames(`curl -d '{"v": "{version}"}' {} { version } $HOME`, of, 'verify')).toBe(`curl -d '{"v": "v12"}' {} { version } $HOME`);
});

it.each(['{verison}', '{Version}', `\${HOME}`, '{constructor}', '{__proto__}', '{version.number}'])('refuses %s', (text) => {
  expect(() => fillNames(text, of, 'target.server')).toThrow(
    expect.objectContaining({ code: 'NAME_UNKNOWN', message: expect.stringContaining('target.server has {') }),
  );
});
