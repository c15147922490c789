import { UserError } from '../errors.ts';
import type { ActionSpec, InputSpec, Inputs } from './action-spec.ts';
import { nearestName } from './nearest-name.ts';

/**
 * Reads what an action was given, by `get(name)`: undefined and '' both mean that nothing was (GitHub gives '' for
 * an input that was not set). Requires, types and values are enforced here, since nobody before did; every mistake is named.
 */
export function readInputs<const Spec extends ActionSpec>(spec: Spec, get: (name: string) => string | undefined): Inputs<Spec> {
  const problems: UserError[] = [];
  const values: Record<string, string | number | boolean | undefined> = {};
  for (const [name, input] of Object.entries(spec.inputs)) {
    const given = get(name)?.trim();
    try {
      values[name] = readValue(name, input, given ? given : undefined);
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      problems.push(error);
    }
  }
  const [first, ...others] = problems;
  if (first && others.length === 0) throw first;
  if (first) {
    const hint = [...new Set(problems.map((problem) => problem.hint))].join(' ');
    throw new UserError(first.code, problems.map((problem) => problem.message).join(' '), hint);
  }
  // Each value was read by the very spec that the type is made of.
  return values as Inputs<Spec>;
}

/** One value by its spec. `shown` is how messages call it: an input's name here, `--flag` on the command line. */
export function readValue(name: string, input: InputSpec, given: string | undefined, shown = `Input \`${name}\``) {
  const text = given ?? input.default;
  if (text === undefined) {
    if (input.required) throw new UserError('INPUT_MISSING', `${shown} is required.`, `Give it: ${input.description}`);
    return input.kind === 'flag' ? false : undefined;
  }
  if (input.kind === 'flag') {
    if (text === 'true') return true;
    if (text === 'false') return false;
    throw new UserError('INPUT_INVALID', `${shown} is ${quote(text)}, which is neither true nor false.`, 'Write true or false.');
  }
  if (input.kind === 'number') {
    const value = Number(text.replaceAll('_', ''));
    if (Number.isFinite(value) && text.trim() !== '') return value;
    throw new UserError('INPUT_INVALID', `${shown} is ${quote(text)}, which is not a number.`, `Write a number: ${input.description}`);
  }
  if (input.values && !input.values.includes(text)) {
    const near = nearestName(text, input.values);
    throw new UserError(
      'INPUT_INVALID',
      `${shown} is ${quote(text)}, which is not one of ${input.values.join(', ')}.`,
      near ? `Did you mean ${near}?` : `Write one of ${input.values.join(', ')}.`,
    );
  }
  return text;
}

/** What was given, short and in one line, for a message. */
const quote = (text: string) => {
  const line = text.replaceAll(/\p{Cc}+/gu, ' ');
  return `"${line.length > 60 ? `${line.slice(0, 57)}…` : line}"`;
};
