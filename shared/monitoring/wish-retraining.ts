import { latestDue, parseCron } from '../config/cron.ts';
import type { RetrainConfig } from '../config/schema.ts';
import type { Episode, MonitoringReport } from './monitoring-report.ts';

export interface RetrainingFacts {
  readonly now: Date;
  readonly episodes: readonly Episode[];
  /** Birth of the version that the stage runs; a schedule that was due before asks for nothing. Null where it isn't known. */
  readonly trainedAt: Date | null;
  /** Training data that differ from what the version was trained on: their digest, and when a run first saw them. */
  readonly newData: { readonly digest: string; readonly seenAt: Date } | null;
}

type Wish = NonNullable<MonitoringReport['retrain']>;

/** Where nothing says when the version was trained. */
const yearBefore = 366 * 86_400_000;

/**
 * What `retrain.on` asks for now: the cause that came last, since whatever came before it was asked for by an earlier run. The key is a
 * fact of the cause, so that asking twice starts one retraining.
 */
export function wishRetraining(retrain: RetrainConfig | undefined, { now, episodes, trainedAt, newData }: RetrainingFacts): Wish | null {
  const wishes: { readonly at: number; readonly wish: Wish }[] = [];
  for (const cause of retrain?.on ?? []) {
    if (cause === 'drift' || cause === 'performance') {
      const open = episodes.filter(({ kind, until }) => kind === cause && until === null).at(-1);
      if (open) wishes.push({ at: Date.parse(open.since), wish: { cause, key: open.id, reason: open.headline } });
    } else if (cause === 'new-data') {
      if (newData)
        wishes.push({
          at: newData.seenAt.getTime(),
          wish: { cause, key: `data:${newData.digest}`, reason: `The training data changed: they are ${newData.digest.slice(0, 19)} now.` },
        });
    } else {
      const cron = parseCron(cause.schedule);
      // The configuration was refused where it is none.
      if (typeof cron === 'string') continue;
      const due = latestDue(cron, now, trainedAt ?? new Date(now.getTime() - yearBefore));
      const at = due?.toISOString();
      if (due && at)
        wishes.push({ at: due.getTime(), wish: { cause: 'schedule', key: `schedule:${at}`, reason: `The schedule was due at ${at}.` } });
    }
  }
  // Of equal moments, the first that is written.
  return wishes.reduce<(typeof wishes)[number] | null>((last, one) => (last && last.at >= one.at ? last : one), null)?.wish ?? null;
}
