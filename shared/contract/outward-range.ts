/**
 * A range with room on both sides: at least a tenth of the span beyond each extreme, rounded outwards to a step of the span's own size,
 * so that neither bound repeats a value of the data. What never was negative stays so.
 */
export function outwardRange(
  low: number,
  high: number,
  whole: boolean,
): { readonly minimum: number; readonly maximum: number } | undefined {
  const span = high - low;
  if (!Number.isFinite(span) || span <= 0) return undefined;
  const step = Math.max(10 ** Math.floor(Math.log10(span)), whole ? 1 : 0);
  const minimum = Math.floor((low - span / 10) / step) * step;
  const maximum = Math.ceil((high + span / 10) / step) * step;
  const bounds = { minimum: tidy(low >= 0 && minimum < 0 ? 0 : minimum), maximum: tidy(high <= 0 && maximum > 0 ? 0 : maximum) };
  // Where the span is small beside the values, doubles may not have room for the step: then there is no honest bound to write.
  const outside = (bounds.minimum < low || bounds.minimum === 0) && (bounds.maximum > high || bounds.maximum === 0);
  return outside && Number.isSafeInteger(whole ? bounds.maximum : 0) ? bounds : undefined;
}

/** 0.30000000000000004 as 0.3. */
const tidy = (value: number) => Number(value.toPrecision(12)) + 0;
