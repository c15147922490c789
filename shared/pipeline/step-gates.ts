import type { ContractResult } from '../contract/contract-result.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import { unmeasuredGate } from '../evaluation/unmeasured-gate.ts';
import type { TestResult } from '../training/training-result.ts';
import type { Verdict } from '../verdict/verdict.ts';

/** The data's contract as one gate: its status is the contract's verdict. */
export function contractGate(result: ContractResult): GateResult {
  const failed = result.checks.filter((check) => check.status === 'fail' || check.status === 'error');
  const warned = result.checks.filter((check) => check.status === 'warn');
  const [first] = [...failed, ...warned];
  const more = failed.length + warned.length - 1;
  return {
    ...unmeasuredGate,
    id: 'contract',
    kind: 'contract',
    metric: 'contract',
    rule: `${result.checks.length} rules`,
    severity: 'fail',
    status: result.verdict,
    answer: failed.length > 0 ? 'violated' : warned.length > 0 ? 'warns' : 'holds',
    n: result.rows,
    reason: reasonOf(result.verdict, 'CONTRACT'),
    message: first ? `${first.message}${more > 0 ? ` (and ${more} more)` : ''}` : `All ${result.checks.length} rules of the data hold.`,
  };
}

/** One of the team's own tests as a gate. */
export function testGate(test: TestResult): GateResult {
  return {
    ...unmeasuredGate,
    id: `test.${test.name}`,
    kind: 'test',
    metric: test.name,
    rule: test.command,
    severity: test.severity,
    status: test.status,
    answer: test.status === 'pass' ? 'passed' : 'failed',
    reason: reasonOf(test.status, 'TEST'),
    message: `${test.name}: ${test.message}`,
  };
}

/** A step that could not be finished: there is no verdict, which is neither a pass nor a fail. */
export function errorGate(step: string, code: string, message: string): GateResult {
  return {
    ...unmeasuredGate,
    id: `step.${step}`,
    kind: 'baseline',
    metric: step,
    rule: 'the step ends',
    severity: 'fail',
    status: 'error',
    answer: 'not finished',
    reason: code,
    message,
  };
}

const reasonOf = (status: Verdict, what: string) =>
  status === 'pass' ? `${what}_PASSED` : status === 'warn' ? `${what}_WARNS` : `${what}_FAILED`;
