import { formatPercent, formatSeconds } from '../../words/format-number.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import type { EngineState } from '../engine/engine-state.ts';
import type { GuardEngine, GuardedLook, Transition, TransitionEnd } from './guard-parts.ts';
import { heldOf } from './heartbeat-of.ts';

const weight = (percent: number) => `${Number(percent.toFixed(2))} %`;
const endings: ReadonlySet<string> = new Set(['succeeded', 'rolled-back', 'superseded', 'failed']);
const places = ({ key }: GuardedLook) => `${key.model} ${key.stage}`;

/** `churn production: v12 analysing at 5 % → shifting at 15 %`, `… → rolling-back: error_rate 4 % of limit 1 %`. */
export function describeTransition(look: Pick<GuardedLook, 'key'>, { from, to, why }: Transition): string {
  const at = ({ phase, percent }: TransitionEnd) => (percent === null ? phase : `${phase} at ${weight(percent)}`);
  const same = from.percent === to.percent && to.percent !== null;
  const change = endings.has(to.phase) ? `${from.phase} → ${to.phase}` : same ? `${from.phase} → ${at(to)}` : `${at(from)} → ${at(to)}`;
  const told = to.phase === 'succeeded' || to.phase === 'rolled-back' ? `v${to.stable} has all traffic` : why;
  const shown = to.phase === 'rolling-back' ? `${at(from)} → ${to.phase}` : change;
  return visibleText(
    `${look.key.model} ${look.key.stage}: ${to.candidate === null ? '' : `v${to.candidate} `}${shown}${told ? `: ${told}` : ''}`,
  );
}

/** `churn production: v12 15 %, 12 of 60 min, error_rate 0.4 % of limit 1.0 %, guarded 3 s ago`. */
export function describeStanding(look: GuardedLook, engine: Pick<GuardEngine, 'read'>, now: Date): string {
  const { live, says } = look;
  if (look.is !== 'guarded') return `${places(look)}: ${says ? `${says.message}` : `${live.phase}, guarded by ${live.guard?.owner}`}`;
  const state = engine.read(live);
  const parts = [
    `v${live.candidate?.number ?? live.stable?.number} ${weight(live.weight?.observed ?? live.weight?.desired ?? 0)}`,
    live.phase === 'analysing' ? '' : live.phase,
    state ? standingOf(live, state) : '',
    ...(state ? rates(state) : []),
    `guarded ${live.guard?.lastAt ? formatSeconds(Math.max(0, (now.getTime() - Date.parse(live.guard.lastAt)) / 1000)) : 'never'} ago`,
    look.recorded ? '' : 'not recorded yet',
    look.asWanted === false ? 'the target does something else' : '',
  ];
  return clipText(visibleText(`${places(look)}: ${parts.filter(Boolean).join(', ')}`), 400);
}

function standingOf(live: GuardedLook['live'], state: EngineState): string {
  if (live.phase === 'paused') return state.pause ? `${state.pause.reason}: ${state.pause.detail}` : '';
  if (live.phase === 'rolling-back') return state.stop?.detail ?? '';
  const held = heldOf(live, state);
  if (!held) return '';
  return held.of >= 120
    ? `${Math.floor(held.seconds / 60)} of ${Math.round(held.of / 60)} min`
    : `${Math.floor(held.seconds)} of ${Math.round(held.of)} s`;
}

/** The candidate's rates beside their limits; two at most, the others are on the board. */
function rates({ metrics, missing }: EngineState): readonly string[] {
  return Object.entries(metrics)
    .slice(0, 2)
    .map(([name, { look, open }]) => {
      if (missing[name]) return `${name}: no data (${missing[name].why})`;
      const { bad, total } = look?.candidate ?? open?.candidate ?? { bad: 0, total: 0 };
      if (total === 0) return `${name}: no requests yet`;
      return `${name} ${formatPercent(bad / total)}${look?.limit == null ? '' : ` of limit ${formatPercent(look.limit)}`}`;
    });
}
