/** What a silence of the metrics means: no page, no series, NaN. Zero requests are an answer, no silence. */
export type Silence = 'none' | 'grace' | 'pause';

/** `lastData`: when counts last came (or the step began), milliseconds since 1970, as `now`. A clock that went back is no silence. */
export function judgeSilence(lastData: number, now: number, { grace, fresh }: { readonly grace: number; readonly fresh: number }): Silence {
  const silent = now - lastData;
  return silent <= fresh ? 'none' : silent <= grace ? 'grace' : 'pause';
}
