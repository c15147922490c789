const microseconds = { ms: 1e3, s: 1e6, m: 60e6, h: 3_600e6, d: 86_400e6, w: 604_800e6 } as const;

/** Microseconds of a duration as the config writes it: `90s`, `24h`, `1.5d`. A day is 24 hours: times are UTC, which has no summer. */
export function durationMicroseconds(text: string): number {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(`${text} is not a duration such as 30s, 24h or 7d.`);
  return Math.round(Number(amount) * microseconds[unit as keyof typeof microseconds]);
}
