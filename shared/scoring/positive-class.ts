import { UserError } from '../errors.ts';

/**
 * Which of two classes is the positive one. `classes` are the model's own names, null where it holds none: then the second, as every
 * library orders them. `positive` is the label's positive value as text; `true`, `1` and `1.0` are the same, and a model that knows
 * 0 and 1 alone was trained on an encoded label. Throws `POSITIVE_NOT_IN_MODEL`.
 */
export function positiveClass(classes: readonly string[] | null, positive: string | null): 0 | 1 {
  if (classes?.length !== 2 || positive === null) return 1;
  const names = classes.map(canonical);
  const exact = classes.indexOf(positive);
  const found = exact >= 0 ? exact : names.indexOf(canonical(positive));
  if (found >= 0) return found === 0 ? 0 : 1;
  if (names.includes('0') && names.includes('1')) return names.indexOf('1') === 0 ? 0 : 1;
  throw new UserError(
    'POSITIVE_NOT_IN_MODEL',
    `The model's classes are ${classes.join(' and ')}; the positive value of the label is ${positive}.`,
    'Set data.positive to the class that the model calls so, or train it on this label.',
  );
}

function canonical(text: string): string {
  const lower = text.trim().toLowerCase();
  if (lower === 'true') return '1';
  if (lower === 'false') return '0';
  return lower !== '' && Number.isFinite(Number(lower)) ? String(Number(lower)) : text;
}
