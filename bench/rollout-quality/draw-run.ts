import { createRandom, drawBinomial } from '../../shared/statistics/random.ts';
import { minutes, minutesPerStep, type Scenario, shares } from './scenarios.ts';

export interface Minute {
  readonly step: number;
  readonly x: number;
  readonly m: number;
  readonly c: number;
  readonly s: number;
}

export interface Run {
  /** Of stable, five minutes each, from the four hours before. */
  readonly history: readonly { readonly bad: number; readonly total: number }[];
  readonly minutes: readonly Minute[];
}

/** One rollout, minute by minute: how many requests each arm got (Poisson by a fine binomial) and how many were bad. */
export function drawRun(scenario: Scenario, seed: number): Run {
  const random = createRandom(seed);
  const phase = random.uniform();
  const perMinute = scenario.perHour / 60;
  const draw = (requests: number, rate: number) => {
    const clumps = drawBinomial(random, requests, Math.min(1, rate / scenario.clump));
    return Math.min(requests, clumps * scenario.clump);
  };
  const arrivals = (mean: number) => (mean > 0 ? drawBinomial(random, Math.ceil(mean * 1000), mean / Math.ceil(mean * 1000)) : 0);
  const history = Array.from({ length: 48 }, (_, bucket) => {
    const minute = (bucket - 48) * 5;
    const total = arrivals(5 * perMinute * scenario.traffic(minute, phase));
    return { bad: draw(total, scenario.stable(minute, phase)), total };
  });
  const run = Array.from({ length: minutes }, (_, minute) => {
    const step = Math.floor(minute / minutesPerStep);
    const mean = perMinute * scenario.traffic(minute, phase);
    const m = arrivals(mean * shares[step]!);
    const s = arrivals(mean * (1 - shares[step]!));
    return { step, x: draw(m, scenario.candidate(minute, phase)), m, c: draw(s, scenario.stable(minute, phase)), s };
  });
  return { history, minutes: run };
}
