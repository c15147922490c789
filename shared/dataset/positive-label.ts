import { UserError } from '../errors.ts';

/** What everyone means by negative and positive without saying so. */
const usual: readonly (readonly [negative: string, positive: string])[] = [
  ['0', '1'],
  ['-1', '1'],
  ['false', 'true'],
  ['no', 'yes'],
];

/** The positive of classes that say so themselves, in the spelling of the data; undefined where a person has to say. */
export function usualPositive(classes: readonly string[]): string | undefined {
  const folded = classes.map((name) => name.toLowerCase());
  for (const [negative, positive] of usual) {
    if (folded.every((name) => name === negative || name === positive)) return classes[folded.indexOf(positive)] ?? positive;
  }
  return undefined;
}

/** The configured value as the data would write it. */
function asText(configured: string | number | boolean, classes: readonly string[]): string {
  const text = String(configured).trim();
  if (classes.includes(text)) return text;
  // A number may be written 1.0, and a boolean column may be asked for by 1.
  const number = text === '' ? Number.NaN : Number(text);
  if (Number.isFinite(number) && classes.includes(String(number))) return String(number);
  if (classes.every((name) => name === 'true' || name === 'false')) {
    if (text === '1' || text === '0') return text === '1' ? 'true' : 'false';
    // A file that pandas wrote says True and is read as a boolean: its own spelling is gone.
    if (/^(true|false)$/i.test(text)) return text.toLowerCase();
  }
  return text;
}

/**
 * The label's value that counts as 1, in the spelling of the data. `classes` are the values found, as canonical text; messages count them
 * and never show them, since a label may be private.
 *
 * @throws UserError `LABEL_CLASSES` for more than two, `POSITIVE_UNCLEAR`, `POSITIVE_NOT_FOUND`.
 */
export function positiveLabel(label: string, classes: readonly string[], configured?: string | number | boolean): string {
  if (classes.length > 2) {
    throw new UserError(
      'LABEL_CLASSES',
      `The label ${label} has ${classes.length > 1000 ? 'more than 1000' : classes.length} different values; a binary task needs two.`,
      'Set task: multiclass or regression, or correct data.label.',
    );
  }
  if (configured !== undefined) {
    const positive = asText(configured, classes);
    if (classes.includes(positive) || classes.length < 2) return positive;
    throw new UserError(
      'POSITIVE_NOT_FOUND',
      `data.positive is none of the 2 values of the label ${label}.`,
      'Write the value exactly as the data does, also upper and lower case.',
    );
  }
  const found = usualPositive(classes);
  if (found !== undefined) return found;
  throw new UserError(
    'POSITIVE_UNCLEAR',
    `The label ${label} has ${classes.length} different values that are not 0 and 1, false and true, or no and yes: which one counts as positive is unclear.`,
    'Set data.positive to the value that the model should find.',
  );
}
