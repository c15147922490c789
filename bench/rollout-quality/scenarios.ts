/** The plan that every rule judges: Weighin's default steps, an hour each. */
export const shares = [0.05, 0.15, 0.3, 0.5, 0.75, 1];
export const minutesPerStep = 60;
export const minutes = shares.length * minutesPerStep;
export const limit = 0.01;
const usual = 0.005;

export interface Scenario {
  readonly name: string;
  /** Requests an hour, both arms together. */
  readonly perHour: number;
  /** Nothing is wrong with the candidate: every rollback is a false one. */
  readonly healthy: boolean;
  /** Bad answers come in clumps of so many. */
  readonly clump: number;
  /** Of a minute of the rollout, −240 … 359 (before it: history); `phase` is 0 … 1, drawn anew for each run. */
  stable(minute: number, phase: number): number;
  candidate(minute: number, phase: number): number;
  /** Times the usual traffic. */
  traffic(minute: number, phase: number): number;
}

const scenario = (name: string, perHour: number, extra: Partial<Omit<Scenario, 'name' | 'perHour'>> = {}): Scenario => ({
  name,
  perHour,
  healthy: false,
  clump: 1,
  stable: () => usual,
  candidate: () => usual,
  traffic: () => 1,
  ...extra,
});
const times = (factor: number) => ({ candidate: () => usual * factor });
const wave = (minute: number, phase: number) => 2 ** Math.sin(2 * Math.PI * (minute / 1440 + phase));
/** Twenty minutes somewhere between the second minute and the end of the fifth step. */
const inIncident = (minute: number, phase: number) => minute >= phase * 278 && minute < phase * 278 + 20;
/** P(slower than 100 ms) where the median is 30 ms, log-normal, so that .5 % are slower; and where all answers take so much longer. */
const slower = { 'latency +10 %': 0.00881, 'latency +20 %': 0.01437, 'latency +50 %': 0.0438 } as const;

export const scenarios: readonly Scenario[] = [
  ...[60, 600, 6_000, 60_000].flatMap((rate) => [
    scenario('healthy', rate, { healthy: true }),
    ...[1.5, 2, 3, 10].map((factor) => scenario(`×${factor}`, rate, times(factor))),
  ]),
  ...Object.entries(slower).map(([name, share]) => scenario(name, 6_000, { candidate: () => share })),
  scenario('bursts of 5, healthy', 6_000, { healthy: true, clump: 5 }),
  scenario('bursts of 5, ×3', 6_000, { clump: 5, ...times(3) }),
  scenario('bursts of 5, ×10', 6_000, { clump: 5, ...times(10) }),
  scenario('day wave ×½ … ×2, healthy', 6_000, {
    healthy: true,
    stable: (minute, phase) => usual * wave(minute, phase),
    candidate: (minute, phase) => usual * wave(minute, phase),
    traffic: (minute, phase) => wave(minute, phase + 0.2),
  }),
  scenario('day wave, ×3', 6_000, {
    stable: (minute, phase) => usual * wave(minute, phase),
    candidate: (minute, phase) => 3 * usual * wave(minute, phase),
    traffic: (minute, phase) => wave(minute, phase + 0.2),
  }),
  scenario('shared incident ×6, 20 min, healthy', 6_000, {
    healthy: true,
    stable: (minute, phase) => usual * (inIncident(minute, phase) ? 6 : 1),
    candidate: (minute, phase) => usual * (inIncident(minute, phase) ? 6 : 1),
  }),
  scenario('both at the limit, healthy', 6_000, { healthy: true, stable: () => limit, candidate: () => limit }),
  ...[3, 4, 5].map((from) =>
    scenario(`×3 begins with step ${from + 1}`, 6_000, { candidate: (minute) => usual * (minute >= from * minutesPerStep ? 3 : 1) }),
  ),
];
