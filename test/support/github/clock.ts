/** GitHub's clock, which stands still until a test moves it. No answer of the double is dated by the machine. */
export interface Clock {
  now(): Date;
  /** `2026-11-21T09:00:00Z`, as GitHub writes instants. */
  iso(): string;
  set(instant: Date | string): void;
  advance(by: { readonly seconds?: number; readonly minutes?: number; readonly hours?: number; readonly days?: number }): void;
}

export function createClock(start: Date | string): Clock {
  let at = new Date(start).getTime();
  return {
    now: () => new Date(at),
    iso: () => isoSeconds(new Date(at)),
    set: (instant) => {
      at = new Date(instant).getTime();
    },
    advance: ({ seconds = 0, minutes = 0, hours = 0, days = 0 }) => {
      at += 1000 * (seconds + 60 * (minutes + 60 * (hours + 24 * days)));
    },
  };
}

export const isoSeconds = (instant: Date): string => `${instant.toISOString().slice(0, 19)}Z`;
