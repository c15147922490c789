import { checkApp } from './check-app.ts';
import { checkEnvironments } from './check-environments.ts';
import { checkOwners } from './check-owners.ts';
import { checkRules } from './check-rules.ts';
import { checkStore } from './check-store.ts';
import { checkWorkflows } from './check-workflows.ts';
import type { DoctorFacts } from './doctor-facts.ts';
import type { Finding } from './finding.ts';
import { type Maturity, maturity } from './maturity.ts';

export interface Diagnosis {
  /** wrong: something protects nothing, or stops everybody. unsure: nothing wrong was found, and not everything could be asked. */
  readonly verdict: 'healthy' | 'wrong' | 'unsure';
  readonly findings: readonly Finding[];
  readonly maturity: Maturity;
}

const order: readonly Finding['status'][] = ['wrong', 'unknown', 'advice', 'ok'];

/** Everything that could be looked at, the worst first. */
export function diagnose(facts: DoctorFacts): Diagnosis {
  const findings = [checkStore, checkWorkflows, checkOwners, checkRules, checkEnvironments]
    .flatMap((check) => check(facts))
    .concat(checkApp(facts.github))
    .sort((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const has = (status: Finding['status']) => findings.some((one) => one.status === status);
  return { verdict: has('wrong') ? 'wrong' : has('unknown') ? 'unsure' : 'healthy', findings, maturity: maturity(facts, findings) };
}
