import type { Forge } from '../../shared/promotion/forge.ts';

/** The issue that carries the marker: found, or opened. Two processes that find none both open one, so each looks again and leaves the first. */
export async function keepOneIssue(
  { issues }: Pick<Forge, 'issues'>,
  marker: string,
  issue: Parameters<Forge['issues']['create']>[0],
): Promise<void> {
  let found = await issues.findOpen(marker);
  if (!found) {
    await issues.create(issue);
    found = await issues.findOpen(marker);
  }
  for (const twin of found?.twins ?? []) await issues.edit(twin, { state: 'closed' });
}
