import type { EngineMetric, EngineState } from '../../shared/rollout/engine/engine-state.ts';
import { judgeDistribution } from '../../shared/rollout/judging/judge-distribution.ts';
import { formatMilliseconds } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { BoardMetric, MetricAnswer } from './board.ts';
import type { GuardedRollout } from './heartbeats.ts';

type Told = GuardedRollout['metrics'][number];
type Seen = Pick<BoardMetric, 'candidate' | 'stable' | 'limit' | 'ratio' | 'bounds' | 'strength' | 'missing'>;

/** `minRatio` where weighin.yaml says none. */
const usualRatio = 1.2;
const none = { bad: 0, total: 0 };
/** What a heartbeat claims is drawn, so it is kept to what can be. */
const ratioOf = (bound: number | 'Infinity') => (bound === 'Infinity' ? Number.POSITIVE_INFINITY : Math.max(0, bound));
const strengthOf = (strength: number | null) => (strength === null ? null : Math.min(10, Math.max(0, strength)));

/** Every metric that is watched, as the guard told it a moment ago, or else as it stands in Git. */
export function boardMetrics(engine: EngineState, told: readonly Told[]): readonly BoardMetric[] {
  const entries = engine.definition.metrics ?? [];
  return entries
    .filter(({ of }) => of === undefined)
    .map((entry): BoardMetric => {
      const { name, le, max, minRatio } = entry;
      const isDistribution = entry.test === 'distribution';
      const counts = engine.metrics[name]?.distribution;
      // Before anybody judges at the end of a step, the share tells how it goes.
      const distribution =
        isDistribution && counts ? { ...counts, share: judgeDistribution({ ...counts, limit: max ?? 1, alpha: 0.01 }).share } : null;
      const heard = told.find((one) => one.name === name);
      const missing = engine.missing[name];
      const seen = heard
        ? { ...readTold(heard), limit: heard.limit ?? max ?? null }
        : {
            ...readKept(engine.metrics[name]),
            limit: max ?? null,
            missing: missing ? clipText(`${missing.why}: ${missing.detail}`, 200) : null,
          };
      const ratio = entries.find(({ of }) => of === name)?.minRatio ?? minRatio ?? usualRatio;
      const bad = isDistribution
        ? 'how predictions are distributed'
        : le === undefined
          ? null
          : `slower than ${le < 10 ? formatMilliseconds(le * 1000) : `${le} s`}`;
      return {
        name: clipText(name, 60),
        bad,
        minRatio: ratio,
        ...seen,
        distribution,
        answer: answerOf({ ...seen, distribution }, ratio, engine.stop?.metric === name),
      };
    });
}

const readTold = ({ candidate, stable, ratio, ratioBounds, strength, missing }: Told): Omit<Seen, 'limit'> => ({
  candidate,
  stable,
  ratio: ratio === null ? null : ratioOf(ratio),
  bounds: ratioBounds && { lower: ratioOf(ratioBounds.lower), upper: ratioOf(ratioBounds.upper) },
  strength: strengthOf(strength),
  missing,
});

function readKept(metric: EngineMetric | undefined): Omit<Seen, 'limit' | 'missing'> {
  const look = metric?.look;
  if (!look) return { candidate: none, stable: none, ratio: null, bounds: null, strength: null };
  const { candidate, stable, ratio, ratioBounds, strength } = look;
  return {
    candidate,
    stable,
    ratio: ratio === null ? null : ratioOf(ratio),
    bounds: ratioBounds && { lower: ratioOf(ratioBounds.lower), upper: ratioOf(ratioBounds.upper) },
    strength: strengthOf(strength),
  };
}

/** For people alone: what decides is the engine, by its own rule. */
function answerOf(
  { candidate, limit, bounds, strength, missing, distribution }: Seen & Pick<BoardMetric, 'distribution'>,
  minRatio: number,
  stopped: boolean,
): MetricAnswer {
  if (stopped || (strength !== null && strength >= 1)) return 'worse';
  if (missing !== null) return 'blind';
  if (distribution) return limit !== null && distribution.share >= limit ? 'over' : 'well';
  if (candidate.total === 0) return 'open';
  if (limit !== null && candidate.bad / candidate.total > limit) return 'over';
  return bounds !== null && bounds.upper <= minRatio ? 'well' : 'open';
}
