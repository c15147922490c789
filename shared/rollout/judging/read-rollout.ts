import { z } from 'zod';
import { ConfigError } from '../../config/config-error.ts';
import { describeIssues } from '../../config/describe-issues.ts';
import { type ConfigPath, parseYaml } from '../../config/parse-yaml.ts';
import type { RolloutConfig } from '../../config/rollout-schema.ts';
import { configSchema } from '../../config/schema.ts';
import { UserError } from '../../errors.ts';
import { visibleText } from '../../words/visible-text.ts';

const file = z.object({ rollouts: configSchema.shape.rollouts });

/**
 * A rollout out of a file: one entry of `rollouts:` of a weighin.yaml, by name where there are several, or such an entry alone.
 * @throws ConfigError, UserError ROLLOUT_NOT_FOUND
 */
export function readRollout(text: string, from: string, wanted?: string): { readonly name: string; readonly config: RolloutConfig } {
  const yaml = parseYaml(text, from);
  if (yaml.problems.length > 0) throw new ConfigError(yaml.problems);
  const top = isMap(yaml.value) ? yaml.value : {};
  const isWhole = isMap(top['rollouts']);
  const entries: Readonly<Record<string, unknown>> = isWhole
    ? (top['rollouts'] as Record<string, unknown>)
    : 'strategy' in top
      ? { [wanted ?? 'rollout']: top }
      : {};
  const names = Object.keys(entries);
  if (names.length === 0)
    throw new UserError(
      'ROLLOUT_NOT_FOUND',
      `${from} holds no rollout.`,
      'Name a weighin.yaml with `rollouts:`, or a file with one entry of it: `strategy: canary`, `metrics: …`.',
      { file: from },
    );
  const name = wanted ?? (names.length === 1 ? names[0]! : undefined);
  if (name === undefined || !Object.hasOwn(entries, name))
    throw new UserError(
      'ROLLOUT_NOT_FOUND',
      name === undefined ? `${from} holds several rollouts.` : `${from} holds no rollout called ${visibleText(name)}.`,
      `Write \`--name\` with one of ${names.map(visibleText).join(', ')}.`,
      { file: from },
    );
  const value = { rollouts: { [name]: entries[name] } };
  const parsed = file.safeParse(value);
  // The entry alone stands at the top of its file.
  const placed = (path: ConfigPath) => (isWhole ? path : path.slice(2));
  if (!parsed.success) {
    const valueAt = (path: ConfigPath) =>
      path.reduce<unknown>(
        (inner, key) => (isMap(inner) || Array.isArray(inner) ? (inner as Record<string | number, unknown>)[key] : undefined),
        value,
      );
    throw new ConfigError(
      describeIssues(parsed.error.issues, valueAt).map(({ mark, ...problem }) => ({
        ...problem,
        location: yaml.locate(placed(problem.path), mark),
      })),
    );
  }
  const config = parsed.data.rollouts?.[name];
  if (config?.strategy !== 'canary')
    throw new UserError(
      'ROLLOUT_NOT_JUDGED',
      `${name} is of strategy ${config?.strategy ?? 'none'}; counts are judged look by look for a canary.`,
      'For an A/B test use `weighin ab analyse`.',
      yaml.locate(placed(['rollouts', name, 'strategy'])),
    );
  return { name, config };
}

const isMap = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
