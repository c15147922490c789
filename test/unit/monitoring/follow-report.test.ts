import { describe, expect, it } from 'vitest';
import { followReport } from '../../../shared/monitoring/follow-report.ts';
import type { Episode, MonitoringReport } from '../../../shared/monitoring/monitoring-report.ts';
import { type WatchDocument, watchDocumentSchema } from '../../../shared/monitoring/watch-document.ts';

const dayOf = (day: number) => new Date(Date.UTC(2026, 9, day)).toISOString();
const episode = (day: number, changes: Partial<Episode> = {}): Episode => {
  const kind = changes.kind ?? 'drift';
  return {
    id: `churn/production/${kind}/${dayOf(day)}`,
    kind,
    since: dayOf(day),
    until: null,
    level: 'drift',
    headline: 'plan moved',
    ...changes,
  };
};
const report = (changes: Partial<MonitoringReport> = {}): MonitoringReport => ({
  schema: 'weighin/monitoring@1',
  model: 'churn',
  stage: 'production',
  version: 'v1',
  createdAt: dayOf(20),
  window: null,
  drift: null,
  performance: null,
  episodes: [],
  retrain: null,
  ...changes,
});
const hour = 3_600_000;

/** Follows reports one after the other, as runs 1, 2 …, one a day from the first. */
function follow(reports: readonly MonitoringReport[], { cooldown = 72 * hour }: { readonly cooldown?: number | null } = {}) {
  let watch: WatchDocument | null = null;
  const claimed: (string | null)[] = [];
  for (const [index, one] of reports.entries()) {
    const run = { id: index + 1, attempt: 1, url: 'https://github.test/run' };
    const found = followReport(watch, one, { run, at: new Date(Date.parse(dayOf(20)) + index * 24 * hour), cooldown });
    if (!found) throw new Error('newer than the one before');
    watch = watchDocumentSchema.parse(found.watch);
    claimed.push(found.claimed?.key ?? null);
  }
  if (!watch) throw new Error('at least one');
  return { watch, claimed };
}
const wish = (key: string) => ({ cause: 'drift', key, reason: 'it moved' }) as const;

describe('which episodes are followed', () => {
  it('opens at most one a kind from one report, the newest, however many it names', () => {
    const many = Array.from({ length: 400 }, (_, day) => [episode(day), episode(day, { kind: 'performance' })]).flat();
    const { watch } = follow([report({ episodes: many })]);
    expect(watch.episodes.map(({ kind, since }) => [kind, since])).toEqual([
      ['drift', dayOf(399)],
      ['performance', dayOf(399)],
    ]);
  });

  it('takes none that is of another model, stage, kind or beginning than its id says', () => {
    const foreign = ['other/production', 'churn/staging'].map((of) => episode(1, { id: `${of}/drift/${dayOf(1)}` }));
    const renamed = [
      episode(2, { id: `churn/production/performance/${dayOf(2)}` }),
      episode(3, { id: `churn/production/drift/${dayOf(1)}` }),
    ];
    expect(follow([report({ episodes: [...foreign, ...renamed] })]).watch.episodes).toEqual([]);
  });

  it('does not open one that is over, ends what it knows, and leaves what is not spoken of', () => {
    const over = episode(1, { until: dayOf(4) });
    expect(follow([report({ episodes: [over] })]).watch.episodes).toEqual([]);
    const known = follow([report({ episodes: [episode(1)] }), report({ episodes: [over] })]).watch.episodes;
    expect(known).toEqual([{ ...over, issue: null, closed: false }]);
    expect(follow([report({ episodes: [episode(1)] }), report()]).watch.episodes).toEqual([{ ...episode(1), issue: null, closed: false }]);
  });

  it('knows a run that is older, by its number and then its attempt', () => {
    const { watch } = follow([report(), report()]);
    const of = (id: number, attempt: number) =>
      followReport({ ...watch, run: { id: 2, attempt: 2, url: '' } }, report(), {
        run: { id, attempt, url: '' },
        at: new Date(),
        cooldown: null,
      });
    expect([of(1, 9), of(2, 1)]).toEqual([null, null]);
    expect([of(2, 2), of(2, 3), of(3, 1)].map((found) => found?.watch.run.id)).toEqual([2, 2, 3]);
  });
});

describe('what is trained again', () => {
  it('is claimed once a key, and not within the cooldown of another', () => {
    const asked = ['a', 'a', 'b', 'b', 'b'].map((key) => report({ retrain: wish(key) }));
    const { watch, claimed } = follow(asked);
    // On days 0, 1, 2, 3 and 4; three days after the first, the second is free.
    expect(claimed).toEqual(['a', null, null, 'b', null]);
    expect(watch.retrainings.map(({ key, state }) => [key, state])).toEqual([
      ['a', 'claimed'],
      ['b', 'claimed'],
    ]);
    expect(watch.waiting).toBeNull();
    const { waiting } = follow(asked.slice(0, 3)).watch;
    expect(waiting).toEqual({ cause: 'drift', reason: 'it moved', until: new Date(Date.parse(dayOf(20)) + 72 * hour).toISOString() });
  });

  it('is nothing where the policy has no retraining', () => {
    const { watch, claimed } = follow([report({ retrain: wish('a') })], { cooldown: null });
    expect([claimed, watch.waiting]).toEqual([[null], null]);
  });

  it('is never the same episode twice, however much was trained since', () => {
    const open = report({ episodes: [episode(1)] });
    const own = wish(episode(1).id);
    const others = Array.from({ length: 60 }, (_, index) => ({ ...open, retrain: wish(`data:${index}`) }));
    const { claimed, watch } = follow([{ ...open, retrain: own }, ...others, { ...open, retrain: own }], { cooldown: 0 });
    expect(claimed.filter((key) => key === own.key)).toHaveLength(1);
    expect(watch.retrainings).toHaveLength(51);
  });
});
