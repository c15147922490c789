import { basename } from 'node:path';
import type { PromotionFiles } from '../shared/adapters/git/read-promotion-files.ts';
import type { Config } from '../shared/config/schema.ts';
import { UserError } from '../shared/errors.ts';
import { nearestName } from '../shared/spec/nearest-name.ts';
import type { CommandIo, ExitCode } from './command.ts';
import { withContext } from './run-options.ts';

export interface OpenedPromotions {
  readonly files: PromotionFiles;
  readonly config: Config;
  /** Name of the configuration in its folder. */
  readonly configFile: string;
  readonly models: readonly string[];
  readonly now: Date;
}

/** Reads what this clone holds about the promotions of one model, or of all. Asks no network: `git fetch` brings the newest. */
export function withPromotions(
  model: string | undefined,
  io: CommandIo,
  use: (opened: OpenedPromotions) => Promise<ExitCode>,
): Promise<ExitCode> {
  return withContext({}, io, async (context) => {
    const { config, file } = context.config;
    const known = Object.keys(config.models);
    if (model !== undefined && !known.includes(model)) {
      const near = nearestName(model, known);
      throw new UserError(
        'MODEL_UNKNOWN',
        `${file} has no model ${model}.`,
        near ? `Did you mean ${near}?` : `It has: ${known.join(', ')}.`,
        { file },
      );
    }
    const models = model === undefined ? known : [model];
    const { readPromotionFiles } = await import('../shared/adapters/git/read-promotion-files.ts');
    const files = await readPromotionFiles(context.root, models);
    return use({ files, config, configFile: basename(file), models, now: context.now() });
  });
}

/** The stages of a model: those of weighin.yaml in its order, then those that only Git still knows. */
export function stagesOf({ files, config }: OpenedPromotions, model: string): readonly string[] {
  const declared = Object.keys(config.models[model]?.stages ?? {});
  return [...declared, ...files.stagesOf(model).filter((stage) => !declared.includes(stage))];
}

/** What the answers rest on, and what is missing. */
export function printSource({ files }: OpenedPromotions, { print, colors }: Pick<CommandIo, 'print' | 'colors'>): void {
  const at = `${files.mainRef} ${files.mainCommit.slice(0, 8)}`;
  print(colors.dim(files.stateRef ? `From ${at} and ${files.stateRef}, as they were fetched last.` : `From ${at}.`));
  if (!files.stateRef)
    print(colors.dim('This clone has no branch weighin/state: the bot has promoted nothing yet, or `git fetch` has not brought it.'));
  if (files.shallow) print(colors.dim('This clone is shallow: what came before its end is not known (`git fetch --unshallow`).'));
}

/** `2026-11-21 11:00`, in UTC. */
export const minute = (at: string) => new Date(at).toISOString().slice(0, 16).replace('T', ' ');
