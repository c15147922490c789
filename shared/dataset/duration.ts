import { parseDuration } from '../config/quantities.ts';

/** Microseconds of a duration as the config writes it: `90s`, `24h`, `1.5d`. A day is 24 hours: times are UTC, which has no summer. */
export const durationMicroseconds = (text: string): number => Math.round(parseDuration(text) * 1_000);
