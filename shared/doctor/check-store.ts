import type { DoctorFacts } from './doctor-facts.ts';
import { advice, type Finding, ok, unknown, wrong } from './finding.ts';

/** Where versions are kept. A bucket's policy can be read by its owner alone, so that it is explained, not judged. */
export function checkStore({ checkout: { config, configProblem } }: DoctorFacts): readonly Finding[] {
  if (!config)
    return [
      wrong(
        'CONFIG_INVALID',
        configProblem ?? 'There is no weighin.yaml.',
        '`weighin plan` shows every mistake; `weighin init --data FILE` writes a first file.',
      ),
    ];
  const { store = 'github', models } = config;
  const findings: Finding[] = [];
  if (store === 'github') findings.push(ok('STORE', 'Versions are releases of this repository.'));
  else if (store.startsWith('s3://'))
    findings.push(
      unknown('STORE_POLICY_UNKNOWN', `Whether ${store} takes only new objects`, 'a bucket’s policy is its owner’s to read'),
      advice(
        'STORE_POLICY',
        'A number is claimed by a conditional write, and a version is never written again.',
        'Bucket policy: allow s3:PutObject only with the condition s3:if-none-match, deny s3:DeleteObject; give pull requests s3:GetObject at most; keep the writing credentials in environment weighin-store.',
      ),
    );
  else
    findings.push(
      wrong('STORE_NOT_DURABLE', `store: ${store} is a folder: a runner forgets it.`, 'Use store: github, or s3://bucket/prefix.'),
    );
  for (const [name, { stages }] of Object.entries(models))
    for (const [stage, { approvals, allowClaimed }] of Object.entries(stages)) {
      if (approvals === 0)
        findings.push(
          advice(
            'NO_APPROVAL',
            `${name} ${stage} wants no approval: whoever asks for a promotion gets it.`,
            `Set stages.${stage}.approvals to 1 or more.`,
          ),
        );
      if (allowClaimed)
        findings.push(
          advice(
            'CLAIMED_ALLOWED',
            `${name} ${stage} takes numbers that a pull request’s own code wrote.`,
            'Remove allowClaimed once the model can be weighed.',
          ),
        );
    }
  return findings;
}
