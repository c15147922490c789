import type { ModelFinding, PullFindings } from './pull-findings.ts';

/**
 * Whether a verdict was given by rules that the pull request itself changed: its own run reads its own configuration. The weigh run reads
 * the default branch's, so only what is merely claimed judges itself.
 */
export function judgesItself(
  { policy, policyChanges }: Pick<PullFindings, 'policy' | 'policyChanges'>,
  { report, standing }: ModelFinding,
) {
  if (standing !== 'claimed') return false;
  const { model } = report;
  const contract = policy.config?.models[model]?.data?.contract;
  return policyChanges.some(
    ({ key }) =>
      key === policy.file ||
      ['evaluation', 'data', 'card'].some((part) => key.startsWith(`models.${model}.${part}`)) ||
      (contract !== undefined && (key.startsWith(`${contract}.`) || key.includes(`/${contract}.`))),
  );
}
