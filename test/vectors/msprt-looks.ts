import { lookMsprt } from '../../shared/statistics/msprt.ts';
import { inputNumber, inputNumbers, type VectorCase } from './read-vectors.ts';

/** What a case of kind `msprt` expects, look by look. */
export function msprtLooks(input: VectorCase['input']): readonly unknown[] {
  let p = 1;
  return (input['looks'] as unknown[]).map((row) => {
    const [x1 = 0, n1 = 0, x2 = 0, n2 = 0] = inputNumbers(row);
    const look = lookMsprt({ x1, n1, x2, n2 }, inputNumber(input['tau2']), inputNumber(input['alpha']), p);
    p = look.p;
    const lambda = look.logLambda === null ? null : Math.exp(look.logLambda);
    return { difference: look.difference, variance: look.variance, lambda, p, ci: look.interval, reject: look.reject };
  });
}
