import { access } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { composeBotWorkflow, composeReviewRelay, composeWeighWorkflow } from './bot-workflows.ts';
import { findPython } from './find-python.ts';
import { findRepository } from './find-repository.ts';
import { writeNewFiles } from './write-new-files.ts';

export interface BotRequest {
  /** Absolute. */
  readonly configFile: string;
  readonly where: string;
  readonly version: string;
  readonly force: boolean;
}

/**
 * The bot's workflows beside a configuration that is there, which stays as it is; what it writes, from the configuration's folder.
 * @throws UserError INPUT_MISSING where there is no configuration yet: then data is needed to write one
 */
export async function addBot({ configFile, where, version, force }: BotRequest): Promise<readonly string[]> {
  const there = await access(configFile).then(
    () => true,
    () => false,
  );
  if (!there)
    throw new UserError(
      'INPUT_MISSING',
      '`--data` is required: there is no configuration yet that the bot could be added to.',
      'Give it: CSV, Parquet or JSON lines; a glob takes several files.',
    );
  const folder = dirname(configFile);
  const [project, repository] = await Promise.all([findPython(folder), findRepository(folder)]);
  const at = { ...repository, configName: basename(configFile), version, project };
  const workflows = {
    'weighin-weigh.yml': composeWeighWorkflow(at),
    ...(where === 'workflow' && { 'weighin-bot.yml': composeBotWorkflow(at), 'weighin-review.yml': composeReviewRelay() }),
  };
  const files = Object.fromEntries(
    Object.entries(workflows).map(([name, text]) => [
      relative(folder, join(repository.top, '.github/workflows', name)).replaceAll('\\', '/'),
      text,
    ]),
  );
  await writeNewFiles(folder, files, force);
  return Object.keys(files);
}
