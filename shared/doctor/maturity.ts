import type { DoctorFacts } from './doctor-facts.ts';
import type { Finding } from './finding.ts';

export const maturityLevels = ['manual', 'pipeline', 'CI/CD', 'full automation'] as const;

export interface Maturity {
  readonly level: 0 | 1 | 2 | 3;
  readonly name: (typeof maturityLevels)[number];
  /** What the next level asks for and is not there; empty at the top. */
  readonly missing: readonly string[];
}

/**
 * 0 nothing weighs a model by itself · 1 every pull request is weighed · 2 a promotion rests on measured evidence and cannot be merged
 * without it · 3 retraining starts by itself, and a rollout watches what was promoted. What could not be asked counts as not there,
 * and says so.
 */
export function maturity({ checkout }: DoctorFacts, findings: readonly Finding[]): Maturity {
  const has = (code: string, path = '') => findings.some((one) => one.code === code && one.status === 'ok' && one.says.startsWith(path));
  const unsure = (code: string) => (findings.some((one) => one.code === code) ? ' (could not be asked)' : '');
  const models = Object.values(checkout.config?.models ?? {});
  const every = (holds: (model: (typeof models)[number]) => boolean) => models.length > 0 && models.every(holds);
  const wanted: readonly (readonly (readonly [boolean, string])[])[] = [
    [
      [models.length > 0, 'a weighin.yaml that holds'],
      [has('WORKFLOW', '.github/workflows/weighin.yml'), 'the workflow weighin.yml on every pull request'],
    ],
    [
      [checkout.config?.mode === 'enforce', 'mode: enforce'],
      [has('WORKFLOW', '.github/workflows/weighin-weigh.yml'), 'the workflow weighin-weigh.yml, which measures on trusted code'],
      [every(({ stages }) => Object.keys(stages).length > 0), 'a stage for every model'],
      [has('PROMOTION_REQUIRED'), `weighin/promotion required on the default branch, from the App alone${unsure('RULES_UNKNOWN')}`],
      [has('STATE_CLOSED'), `weighin/** written by the App alone${unsure('STATE_RULES_UNKNOWN')}${unsure('STATE_BYPASS_UNKNOWN')}`],
    ],
    [
      [every(({ retrain }) => retrain !== undefined), 'retrain: for every model'],
      [every(({ drift }) => drift !== undefined), 'drift: for every model'],
      [every(({ stages }) => Object.values(stages).some(({ rollout }) => rollout !== undefined)), 'a stage with a rollout for every model'],
    ],
  ];
  for (const [index, conditions] of wanted.entries()) {
    const missing = conditions.filter(([holds]) => !holds).map(([, what]) => what);
    const level = index as 0 | 1 | 2;
    if (missing.length > 0) return { level, name: maturityLevels[level], missing };
  }
  return { level: 3, name: maturityLevels[3], missing: [] };
}
