import { mergePolicy } from '../../shared/config/merge-policy.ts';
import { parseYaml } from '../../shared/config/parse-yaml.ts';
import type { Config } from '../../shared/config/schema.ts';

/** One key that decides how models are judged, on the default branch and as a pull request would have it. */
export interface PolicyChange {
  /** `models.churn.evaluation.gates[roc_auc].min`. */
  readonly key: string;
  /** JSON text; null where the key is not there. */
  readonly before: string | null;
  readonly after: string | null;
}

/**
 * Which policy keys a head's configuration changes: the difference between what it says and what a pull request is believed to say.
 * Keys that are the head's own (its data, its training) are no policy.
 */
export function policyChanges(base: Config, head: Config): readonly PolicyChange[] {
  const { models: baseModels, ...baseTop } = base;
  const { models: headModels, ...headTop } = head;
  const found = [...differences(baseTop, headTop)];
  for (const [name, model] of Object.entries(headModels)) {
    if (!Object.hasOwn(baseModels, name)) continue;
    const believed = mergePolicy(base, head, name).config.models[name];
    found.push(...differences(believed, model, `models.${name}`));
  }
  for (const name of Object.keys(baseModels))
    if (!Object.hasOwn(headModels, name)) found.push({ key: `models.${name}`, before: 'judged', after: null });
  return found;
}

/** Of a contract, what a broken rule does to the verdict is policy; the rules themselves are the head's. */
export function severityChanges(file: string, before: string | null, after: string | null): readonly PolicyChange[] {
  const severities = (text: string | null) => (text === null ? {} : pickSeverities(parseYaml(text, file).value));
  return differences(severities(before), severities(after), file);
}

function pickSeverities(value: unknown): Record<string, unknown> {
  const found: Record<string, unknown> = {};
  const walk = (inner: unknown, path: string) => {
    if (typeof inner !== 'object' || inner === null) return;
    for (const [key, part] of entriesOf(inner)) {
      if (key === 'severity') found[`${path}.severity`] = part;
      else walk(part, `${path}${Array.isArray(inner) ? `[${key}]` : `.${key}`}`);
    }
  };
  walk(value, '');
  return found;
}

/** Leaves that differ between two documents, by their path. */
export const differences = (before: unknown, after: unknown, path = ''): readonly PolicyChange[] => [...leaves(before, after, path)];

function* leaves(before: unknown, after: unknown, path: string): Generator<PolicyChange> {
  if (JSON.stringify(before) === JSON.stringify(after)) return;
  if (!isNested(before) || !isNested(after) || Array.isArray(before) !== Array.isArray(after)) {
    yield { key: path, before: said(before), after: said(after) };
    return;
  }
  const [left, right] = [new Map(entriesOf(before)), new Map(entriesOf(after))];
  for (const key of new Set([...left.keys(), ...right.keys()])) {
    const inner = Array.isArray(before)
      ? `${path}[${key}]`
      : path === '' || key.startsWith('.') || key.startsWith('[')
        ? `${path}${key}`
        : `${path}.${key}`;
    yield* leaves(left.get(key), right.get(key), inner);
  }
}

/** Entries of a list go by what names them, so that one gate more does not look like a change of all that follow. */
function entriesOf(value: object): readonly (readonly [string, unknown])[] {
  if (!Array.isArray(value)) return Object.entries(value);
  const seen = new Map<string, number>();
  return value.map((item: unknown, index) => {
    const name = nameOf(item) ?? String(index);
    const count = (seen.get(name) ?? 0) + 1;
    seen.set(name, count);
    return [count === 1 ? name : `${name} ${count}`, item] as const;
  });
}

function nameOf(item: unknown): string | null {
  if (typeof item !== 'object' || item === null) return null;
  const { metric, name } = item as { readonly metric?: unknown; readonly name?: unknown };
  return typeof metric === 'string' ? metric : typeof name === 'string' ? name : null;
}

const isNested = (value: unknown): value is object => typeof value === 'object' && value !== null;
const said = (value: unknown): string | null => (value === undefined ? null : JSON.stringify(value));
