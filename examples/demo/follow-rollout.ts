import { type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { EngineState } from '../../shared/rollout/engine/engine-state.ts';
import { formatCount, formatMany } from '../../shared/words/format-number.ts';
import type { DemoParts } from './demo-parts.ts';
import { readState } from './read-state.ts';
import type { Traffic } from './server.ts';
import { waitFor } from './wait-for.ts';

export interface Followed {
  readonly live: LiveDocument;
  readonly engine: EngineState | null;
  /** Shares of the traffic that the target was seen to send to the candidate, in order. */
  readonly seen: readonly number[];
  readonly seconds: number;
}

/** Tells a rollout as it is written down, until it ends or pauses. */
export async function followRollout(
  parts: DemoParts,
  generation: number,
  traffic: Traffic,
  candidate: number,
  seconds: number,
): Promise<Followed> {
  const { teller } = parts;
  const began = teller.seconds();
  const seen: number[] = [];
  let [told, shownSteps] = ['', 0];
  let share = sharesOf(traffic, candidate);
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
      for (; shownSteps < steps.length; shownSteps++) tellStep(teller, steps[shownSteps]!, now);
      const weight = now.weight?.observed ?? null;
      if (weight !== null && now.candidate && weight > 0 && seen.at(-1) !== weight) seen.push(weight);
      const key = `${now.phase} ${weight}`;
      if (key !== told && now.phase === 'analysing' && weight !== null) {
        told = key;
        const [before, after] = [share, sharesOf(traffic, candidate)];
        teller.say(`${weight} % goes to v${candidate} (${formatCount(after.candidate - before.candidate)} answers of it since the last)`);
        share = after;
      }
      return terminalPhases.includes(now.phase) || now.phase === 'paused' ? now : null;
    },
    { seconds, every: 150 },
  );
  return { live, engine: engineOf(live), seen, seconds: teller.seconds() - began };
}

/** Of the guard's own making; the demo only shows it. */
export const engineOf = ({ engine }: LiveDocument): EngineState | null => (engine as unknown as EngineState | undefined) ?? null;

const sharesOf = (traffic: Traffic, candidate: number) => ({ candidate: traffic.count().versions[`v${candidate}`] ?? 0 });

function tellStep({ more }: DemoParts['teller'], { weight, metrics }: EngineState['steps'][number], { stable }: LiveDocument): void {
  const parts = Object.entries(metrics).map(
    ([name, { candidate, stable: other }]) =>
      `${name} ${formatCount(candidate.bad)} of ${formatMany(candidate.total, 'request')} (v${stable?.number}: ${formatCount(other.bad)} of ${formatCount(other.total)})`,
  );
  more(`${weight} % held: ${parts.join('; ')}`);
}
