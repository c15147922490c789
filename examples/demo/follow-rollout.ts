import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { EngineState } from '../../shared/rollout/engine/engine-state.ts';
import { formatCount } from '../../shared/words/format-number.ts';
import type { DemoParts } from './demo-parts.ts';
import { readState } from './read-state.ts';
import { waitFor } from './wait-for.ts';

export interface Followed {
  readonly live: LiveDocument;
  readonly engine: EngineState | null;
  /** Shares of the traffic that the target was seen to send to the candidate, in order. */
  readonly seen: readonly number[];
  readonly seconds: number;
}

export interface Rollout {
  readonly generation: number;
  readonly stable: number;
  readonly candidate: number;
  /** How long it may take. */
  readonly seconds: number;
  /** It is paused, and somebody has just said how it goes on. */
  readonly fromPause?: boolean;
}

/** Tells a rollout as it is written down, until it ends or pauses. */
export async function followRollout(
  parts: DemoParts,
  { generation, stable, candidate, seconds, fromPause = false }: Rollout,
): Promise<Followed> {
  const { teller } = parts;
  const began = teller.seconds();
  const seen: number[] = [];
  let [told, shownSteps] = ['', 0];
  const live = await waitFor(
    teller,
    () => {
      const now = readState(parts).live();
      return `${now?.phase ?? 'no rollout'}, ${now?.weight?.observed ?? 0} % to v${candidate}`;
    },
    () => {
      const now = readState(parts).live();
      if (!now || now.generation !== generation) return null;
      const engine = engineOf(now);
      const steps = engine?.steps.filter(({ to }) => to !== null) ?? [];
      for (; shownSteps < steps.length; shownSteps++) tellStep(teller, steps[shownSteps]!, stable);
      const weight = now.weight?.observed ?? null;
      if (weight !== null && now.candidate && weight > 0 && seen.at(-1) !== weight) seen.push(weight);
      const key = `${now.phase} ${weight}`;
      if (key !== told && now.phase === 'analysing' && weight !== null) {
        told = key;
        teller.say(`${weight} % goes to v${candidate}`);
      }
      return terminalPhases.includes(now.phase) || (now.phase === 'paused' && !fromPause) ? now : null;
    },
    { seconds, every: 150 },
  );
  return { live, engine: engineOf(live), seen, seconds: teller.seconds() - began };
}

/** Of the guard's own making; the demo only shows it. */
export const engineOf = ({ engine }: LiveDocument): EngineState | null => (engine as unknown as EngineState | undefined) ?? null;

function tellStep({ more }: DemoParts['teller'], { weight, metrics }: EngineState['steps'][number], stable: number): void {
  const parts = Object.entries(metrics).map(
    ([name, { candidate, stable: other }]) =>
      `${name} ${formatCount(candidate.bad)} of ${formatCount(candidate.total)} (v${stable}: ${formatCount(other.bad)} of ${formatCount(other.total)})`,
  );
  more(`${weight} %: ${parts.join(' · ')}`);
}
