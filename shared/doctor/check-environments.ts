import type { DoctorFacts } from './doctor-facts.ts';
import { advice, type Finding, ok, unknown, wrong } from './finding.ts';

/** Environments that hold what no branch but the default one may reach. */
const wanted: Readonly<Record<string, string>> = {
  'weighin-data': 'credentials of the data that judges',
  'weighin-store': 'the right to sign and to write the store',
  'weighin-bot': 'the App’s key, where the bot runs as a workflow',
};

export function checkEnvironments({ checkout, github }: DoctorFacts): readonly Finding[] {
  const used = new Set([...checkout.workflows.values()].flatMap((workflow) => workflow?.environments ?? []));
  const names = Object.keys(wanted).filter((name) => used.has(name));
  if (names.length === 0) return [];
  const { environments, defaultBranch } = github;
  if (!environments.known) return [unknown('ENVIRONMENTS_UNKNOWN', `The environments ${names.join(', ')}`, environments.why)];
  const url = github.url && `${github.url}/settings/environments`;
  return names.map((name) => {
    const found = environments.value.find((one) => one.name === name);
    const only = defaultBranch.known ? `\`${defaultBranch.value}\`` : 'the default branch';
    const fix = `Environment ${name} → Deployment branches and tags → Selected branches → ${only} alone.`;
    if (!found)
      return wrong(
        'NO_ENVIRONMENT',
        `Environment ${name} does not exist: GitHub makes it, open to every branch, when it is first used. It holds ${wanted[name]}.`,
        fix,
        url,
      );
    if (found.branches === 'all')
      return wrong(
        'ENVIRONMENT_OPEN',
        `Every branch may use environment ${name}, which holds ${wanted[name]}: a pull request’s workflow could take it.`,
        fix,
        url,
      );
    if (found.branches !== 'protected' && defaultBranch.known && found.branches.some((branch) => branch !== defaultBranch.value))
      return wrong(
        'ENVIRONMENT_OPEN',
        `Branches ${found.branches.join(', ')} may use environment ${name}, which holds ${wanted[name]}.`,
        fix,
        url,
      );
    if (found.branches === 'protected')
      return advice('ENVIRONMENT_PROTECTED_BRANCHES', `Every protected branch may use environment ${name}.`, fix, url);
    if (name === 'weighin-bot' && found.reviewers)
      return wrong(
        'ENVIRONMENT_WAITS',
        'Environment weighin-bot waits for reviewers: the bot would never run by itself.',
        'Remove the required reviewers.',
        url,
      );
    return ok('ENVIRONMENT', `Environment ${name}: ${only} alone.`);
  });
}
