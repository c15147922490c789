import type { z } from 'zod';
import { nearestName } from '../spec/nearest-name.ts';
import { clipText, visibleText } from '../words/visible-text.ts';
import { allKeys, describedAt, homesOf, knownKeys } from './known-keys.ts';
import type { ConfigPath, ConfigProblem } from './parse-yaml.ts';

type Issue = z.core.$ZodIssue;
/** A problem before its place is looked up; `mark` says which side of the colon it stands on. */
export type FoundProblem = Omit<ConfigProblem, 'location'> & { readonly mark: 'key' | 'value' };

/** Says in plain words what zod found. `valueAt` gives what the file has at a path. */
export function describeIssues(issues: readonly Issue[], valueAt: (path: ConfigPath) => unknown): readonly FoundProblem[] {
  return issues.flatMap((issue) => describe(issue, []));

  function describe(issue: Issue, above: ConfigPath): readonly FoundProblem[] {
    const path = [...above, ...issue.path.filter((step) => typeof step !== 'symbol')];
    if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownKey([...path, key]));
    if (issue.code === 'invalid_union') {
      const branch = bestBranch(issue.errors);
      if (branch) return branch.flatMap((inner) => describe(inner, path));
    }
    if (issue.code === 'invalid_key') {
      const [inner] = issue.issues;
      return [invalid(path, `\`${String(path.at(-1))}\` is not ${inner?.message ?? 'a name that is taken here'}.`, 'key')];
    }
    if (issue.code === 'custom') return [invalid(path, `${show(path)} ${issue.message}.`)];
    const value = valueAt(path);
    if (value === undefined) return [invalid(path, `${show(path)} is missing${about(path)}.`)];
    if (value === null) return [invalid(path, `${show(path)} has no value; write one, or leave the line out.`, 'key')];
    if (issue.code === 'invalid_value') return [wrongChoice(path, value, issue.values.map(String))];
    // Of which kind it is says which keys it has.
    if (issue.code === 'invalid_union' && issue.discriminator !== undefined)
      return [wrongChoice(path, value, 'options' in issue && Array.isArray(issue.options) ? issue.options.map(String) : [])];
    if (issue.code === 'too_small' && issue.origin === 'array') return [invalid(path, `${show(path)} needs ${issue.message}.`)];
    return [invalid(path, `${show(path)} must be ${wanted(issue)}, not ${quote(path, value)}.`)];
  }
}

function unknownKey(path: ConfigPath): FoundProblem {
  const key = String(path.at(-1));
  const around = path.slice(0, -1);
  const known = knownKeys(around);
  const near = nearestName(key, known);
  const meant = near ? undefined : nearestName(key, allKeys());
  const homes = meant ? homesOf(meant) : [];
  const help = near
    ? `; nearest: \`${near}\``
    : homes.length > 0
      ? `; ${meant === key ? 'it' : `\`${meant}\``} belongs to ${homes.slice(0, 2).join(' or ')}`
      : known.length > 0
        ? `; it knows ${known.join(', ')}`
        : '';
  return { code: 'CONFIG_UNKNOWN_KEY', path, message: `\`${clean(key)}\` is not a key of ${show(around)}${help}.`, mark: 'key' };
}

function wrongChoice(path: ConfigPath, value: unknown, choices: readonly string[]): FoundProblem {
  const near = typeof value === 'string' ? nearestName(value, choices) : undefined;
  const wanted =
    choices.length === 1
      ? `must be ${choices[0]}, not ${quote(path, value)}`
      : `is ${quote(path, value)}, which is not one of ${choices.join(', ')}`;
  return invalid(path, `${show(path)} ${wanted}${near ? `; nearest: ${near}` : ''}.`);
}

const invalid = (path: ConfigPath, message: string, mark: 'key' | 'value' = 'value'): FoundProblem => ({
  code: 'CONFIG_INVALID',
  path,
  message,
  mark,
});

/** The branch that the writer meant: one whose type fits; among those the one with least to mend. */
function bestBranch(errors: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const flat = errors.flatMap((issues) => {
    const [only] = issues;
    return issues.length === 1 && only?.code === 'invalid_union' && only.path.length === 0 ? only.errors : [issues];
  });
  const fits = flat.filter((issues) => !issues.some((issue) => issue.path.length === 0 && wrongAtRoot.has(issue.code)));
  return fits.sort((a, b) => a.length - b.length)[0];
}

const wrongAtRoot: ReadonlySet<string> = new Set(['invalid_type', 'invalid_format', 'invalid_value', 'invalid_union']);

function wanted(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return types[issue.expected] ?? issue.expected;
    case 'invalid_union':
      return [...new Set(issue.errors.flatMap((inner) => inner.filter(({ path }) => path.length === 0).map(wanted)))].join(' or ');
    case 'invalid_value':
      return issue.values.map(String).join(' or ');
    case 'too_small':
      return issue.origin === 'number' || issue.origin === 'int'
        ? `${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`
        : issue.message;
    case 'too_big':
      return `${issue.inclusive ? 'at most' : 'less than'} ${issue.maximum}`;
    default:
      return issue.message;
  }
}

const types: Readonly<Record<string, string>> = {
  number: 'a number',
  int: 'a whole number',
  string: 'text',
  boolean: 'true or false',
  object: 'a mapping of keys to values',
  record: 'a mapping of names to values',
  array: 'a list',
};

const about = (path: ConfigPath) => {
  const description = describedAt(path);
  return description ? ` (${description.replace(/\.$/, '').replaceAll(/^[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase())})` : '';
};

/** `models.churn.evaluation.gates[0].min` */
export const show = (path: ConfigPath) =>
  path.length === 0
    ? 'the configuration'
    : path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index > 0 ? '.' : ''}${clean(step)}`)).join('');

/** What the file says there, unless it may be a secret that someone wrote where only its name belongs. */
function quote(path: ConfigPath, value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a mapping';
  if (path[0] === 'notify' || path.includes('token')) return 'what stands there';
  return typeof value === 'string' ? `"${clean(value)}"` : String(value);
}

const clean = (text: string) => clipText(visibleText(text), 60);
