import { parseDuration } from '../../shared/config/quantities.ts';
import { type LiveDocument, type Phase, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { EngineState } from '../../shared/rollout/engine/engine-state.ts';
import { readEngine } from '../../shared/rollout/engine/read-engine.ts';
import { rolloutPlan } from '../../shared/rollout/engine/rollout-plan.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import type { BoardRollout, GuardSign, TrackStep } from './board.ts';
import type { Heard } from './heartbeats.ts';
import { boardMetrics } from './metrics-of.ts';
import { pauseAdvice, pauseTitle, stopAdvice, stopTitle } from './trouble-words.ts';

/** A guard writes what it sees at least so often, so an older record is a silence. Seconds. */
const plannedLook = 300;
const usualSilence = 60;

/**
 * The rollout that is under way at a stage, or the last one where it was taken back; null where nothing is to be told. `taken` is the
 * version that the newest event says was taken back.
 */
export function rolloutOf(live: LiveDocument, heartbeat: Heard | null, taken: number | null = null): BoardRollout | null {
  const { phase, candidate, rolloutId } = live;
  const isOver = terminalPhases.includes(phase);
  const engine = readEngine(live);
  const wasStopped = phase === 'rolled-back' || phase === 'failed';
  if (rolloutId === null || (isOver && !(wasStopped && engine?.stop))) return null;
  const number = candidate?.number ?? (wasStopped ? taken : null);
  if (number === null) return null;
  const heard = !isOver && heartbeat?.rollout.rolloutId === rolloutId ? heartbeat : null;
  // What was recorded later than the guard told is newer than what it told.
  const now = heard && Date.parse(heard.at) >= Date.parse(live.guard?.lastAt ?? heard.at) ? heard : null;
  const at = { phase: now?.rollout.phase ?? phase, step: now?.rollout.step ?? live.step };
  const told = now?.rollout.weight ?? live.weight;
  const weight = told && { desired: percentOf(told.desired), observed: told.observed === null ? null : percentOf(told.observed) };
  const steps = engine ? trackOf(live, engine, at, now?.rollout.held ?? null) : [];
  const place = { model: live.model, stage: live.stage, candidate: number };
  return {
    id: rolloutId,
    strategy: live.strategy ?? engine?.definition.strategy ?? 'rollout',
    phase: at.phase,
    candidate: number,
    stable: live.stable?.number ?? null,
    says: sentence(live, engine, { ...at, number, percent: weight?.observed ?? weight?.desired ?? 0, steps: steps.length }),
    traffic: weight && !isOver ? { wanted: weight.desired, seen: weight.observed, mirror: engine?.definition.strategy === 'shadow' } : null,
    steps,
    metrics: engine ? boardMetrics(engine, now?.rollout.metrics ?? []) : [],
    checks: Object.entries(engine?.checks ?? {}).map(([key, { ok, detail }]) => ({
      name: checkName(key),
      ok,
      detail: clipText(detail, 300),
    })),
    guard: isOver || !engine ? null : guardOf(live, engine, heard),
    trouble: troubleOf(engine, at.phase, place),
    outcome: engine?.outcome ?? null,
  };
}

function sentence(
  { stage, stable }: LiveDocument,
  engine: EngineState | null,
  {
    phase,
    step,
    number,
    percent,
    steps,
  }: { readonly phase: Phase; readonly step: number; readonly number: number; readonly percent: number; readonly steps: number },
): string {
  const share = `${formatCount(percent)} % of ${stage}`;
  const where = steps > 1 ? `, step ${formatCount(step + 1)} of ${formatCount(steps)}` : '';
  switch (phase) {
    case 'pending':
      return engine
        ? `v${number} waits for a guard: no traffic has moved yet.`
        : `v${number} is handed over: who carries it out reports back.`;
    case 'verifying':
      return `v${number} is being checked${percent > 0 ? ` at ${share}` : ' before traffic moves'}.`;
    case 'shifting':
      return `v${number} is on its way to ${formatCount(engine?.override ?? weightOf(engine, step) ?? percent)} % of ${stage}${where}.`;
    case 'analysing':
      return engine?.definition.strategy === 'shadow'
        ? `v${number} gets a copy of what ${stage} answers, and answers nobody.`
        : `v${number} answers ${share}${where}.`;
    case 'promoting':
      return `v${number} passed every step and becomes what ${stage} runs.`;
    case 'paused':
      return `v${number} stands still at ${share}: ${engine?.pause ? pauseTitle(engine.pause.reason) : 'paused'}.`;
    case 'rolling-back':
      return `v${number} goes back${stable ? ` to v${stable.number}` : ''}: ${engine?.stop ? stopTitle(engine.stop.reason) : 'stopped'}.`;
    case 'rolled-back':
    case 'failed':
      return `v${number} was taken back: ${engine?.stop ? stopTitle(engine.stop.reason) : 'stopped'}. ${stable ? `v${stable.number} runs on.` : ''}`.trim();
    default:
      return `v${number}: ${phase}.`;
  }
}

const percentOf = (weight: number) => Math.min(100, Math.max(0, weight));

const weightOf = (engine: EngineState | null, step: number): number | null => (engine ? (stepsOf(engine)[step]?.weight ?? null) : null);

/** What was approved and runs has a plan: one that could not be made was never started. */
const stepsOf = ({ name, definition }: EngineState) => rolloutPlan(name, definition).steps;

/** `<rolloutId>/<when>/<n>` */
const checkName = (key: string) => clipText(`check ${key.split('/').at(-1)}`, 40);

function trackOf(
  live: LiveDocument,
  engine: EngineState,
  { phase, step: current }: { readonly phase: Phase; readonly step: number },
  held: { readonly seconds: number; readonly of: number } | null,
): readonly TrackStep[] {
  const past = phase === 'promoting' || phase === 'succeeded';
  const began = phase !== 'pending' && !(phase === 'verifying' && engine.steps.length === 0);
  return stepsOf(engine).map(({ weight, hold }, index) => {
    const record = engine.steps.findLast(({ step }) => step === index);
    const state = !began || index > current ? 'next' : index < current || past ? 'done' : engine.stop ? 'stopped' : 'now';
    const isNow = state === 'now' || state === 'stopped';
    return {
      weight: isNow && engine.override !== null ? engine.override : weight,
      hold: isNow && held ? held.of : hold / 1000,
      state,
      guarded: isNow ? (held?.seconds ?? live.guardedSeconds) : (record?.guardedSeconds ?? null),
      unproven: record?.unproven === true,
    };
  });
}

/** Whether the last look is older than is allowed. A rollout that nobody took up yet has moved nothing, and is not silent. */
export const isSilent = ({ at, allowed }: GuardSign, now: Date): boolean => at !== null && now.getTime() - Date.parse(at) > allowed * 1000;

function guardOf(live: LiveDocument, { definition }: EngineState, heard: Heard | null): GuardSign | null {
  const allowed = live.guard?.maxSilenceS ?? (definition.guard ? parseDuration(definition.guard.maxSilence) / 1000 : usualSilence);
  const driver = live.guard?.driver ?? definition.guard?.driver ?? 'server';
  const lastAt = live.guard?.lastAt ?? null;
  // A heartbeat that ended long before the last record is of a guard that was taken over.
  if (heard && Date.parse(heard.at) >= Date.parse(lastAt ?? heard.at))
    return { driver, from: 'heartbeat', at: heard.at, allowed, owner: clipText(heard.owner, 80), says: heard.rollout.says };
  // Such a target judges for itself: nobody else has to look.
  if (driver === 'target' && lastAt === null) return null;
  const owner = live.guard?.owner ?? null;
  return {
    driver,
    from: lastAt === null ? 'nothing' : 'record',
    at: lastAt,
    allowed: allowed + plannedLook,
    owner: owner === null ? null : clipText(owner, 80),
    says: null,
  };
}

function troubleOf(
  engine: EngineState | null,
  phase: Phase,
  place: { readonly model: string; readonly stage: string; readonly candidate: number },
): BoardRollout['trouble'] {
  if (phase === 'paused' && engine?.pause) {
    const { reason, detail, at } = engine.pause;
    return { title: pauseTitle(reason), detail: clipText(detail, 400), by: null, at, advice: pauseAdvice(reason, place) };
  }
  if (engine?.stop && (phase === 'rolling-back' || phase === 'rolled-back' || phase === 'failed')) {
    const { reason, detail, by, at } = engine.stop;
    return { title: stopTitle(reason), detail: clipText(detail, 400), by: by.login, at, advice: stopAdvice(engine.stop, place) };
  }
  return null;
}
