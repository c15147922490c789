import { parseDuration } from '../../config/quantities.ts';
import type { LiveDocument } from '../../promotion/live-document.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import type { EngineMetric, EngineState } from '../engine/engine-state.ts';
import type { GuardParts, GuardTick } from './guard-parts.ts';
import type { Heartbeat } from './heartbeat.ts';

type BeatRollout = Heartbeat['rollouts'][number];

/** What a tick saw, for the board. Only of what this process guards itself. */
export function heartbeatOf(
  tick: GuardTick,
  { repository, owner, engine }: Pick<GuardParts, 'repository' | 'owner' | 'engine'>,
): Heartbeat {
  const guarded = tick.rollouts.filter(({ is }) => is === 'guarded').slice(0, 200);
  return {
    schema: 'weighin/guard@1',
    repository,
    owner: clipText(visibleText(owner), 200),
    at: tick.at,
    rollouts: guarded.map(({ key, live, says, asWanted }): BeatRollout => {
      const state = engine.read(live);
      const pause = live.phase === 'paused' ? (state?.pause?.detail ?? null) : null;
      const said =
        says?.message ?? state?.stop?.detail ?? pause ?? (asWanted === false ? 'the target does not do yet what it was asked to' : null);
      return {
        rolloutId: live.rolloutId ?? '',
        ...key,
        phase: live.phase,
        step: live.step,
        weight: { desired: live.weight?.desired ?? 0, observed: live.weight?.observed ?? null },
        held: state && heldOf(live, state),
        metrics: state
          ? Object.entries(state.metrics)
              .slice(0, 20)
              .map(([name, metric]) => metricOf(name, metric, state))
          : [],
        says: said === null ? null : clipText(visibleText(said), 300),
      };
    }),
  };
}

/** Guarded seconds of the step that it is in, and how long that is held; null where no step is under way. */
export function heldOf(live: LiveDocument, { definition, pausedFrom }: EngineState): BeatRollout['held'] {
  const phase = live.phase === 'paused' ? pausedFrom : live.phase;
  if (phase !== 'analysing' && phase !== 'shifting') return null;
  const { steps, duration } = definition;
  const hold = definition.strategy === 'canary' ? (steps ? steps[live.step]?.hold : '1h') : (duration ?? steps?.[live.step]?.hold);
  return hold === undefined ? null : { seconds: live.guardedSeconds, of: parseDuration(hold) / 1000 };
}

function metricOf(name: string, { look, open }: EngineMetric, { missing, definition }: EngineState): BeatRollout['metrics'][number] {
  const none = { bad: 0, total: 0 };
  const why = missing[name];
  return {
    name: clipText(visibleText(name), 60),
    candidate: look?.candidate ?? open?.candidate ?? none,
    stable: look?.stable ?? open?.stable ?? none,
    limit: look?.limit ?? definition.metrics?.find((metric) => metric.name === name)?.max ?? null,
    ratio: look?.ratio ?? null,
    ratioBounds: look?.ratioBounds ?? null,
    strength: look?.strength ?? null,
    missing: why ? clipText(visibleText(`${why.why}: ${why.detail}`), 200) : null,
  };
}
