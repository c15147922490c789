import type { EventFacts } from './read-event.ts';

/**
 * Why this run may not make a version of a model, or null where it may: a version is born on the default branch, of what was
 * merged, and never by an event that code of a pull request can start.
 */
export function whyNotRegister({ name, onDefaultBranch, ref, defaultBranch, withoutCredentials }: EventFacts): string | null {
  if (name.startsWith('pull_request') || name === 'merge_group')
    return 'A pull request registers nothing: the version is born when it is merged.';
  if (!['push', 'schedule', 'workflow_dispatch', 'repository_dispatch'].includes(name))
    return name === '' ? 'Outside GitHub Actions; `weighin register` does it.' : `The event ${name} registers nothing.`;
  if (!onDefaultBranch)
    return `${ref || 'This ref'} is not the default branch${defaultBranch ? ` (${defaultBranch})` : ''}; versions are born there.`;
  if (withoutCredentials) return 'This run has no credentials by design, so it registers nothing.';
  return null;
}
