import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { playClaimedRun, playWeighRun } from '../../test/support/play-weigh-run.ts';
import type { DemoParts } from './demo-parts.ts';
import { readState } from './read-state.ts';
import { NeverCame, waitFor } from './wait-for.ts';
import { model, weighinYaml } from './weighin-yaml.ts';

export interface Change {
  readonly flights: string;
  readonly training: object;
  readonly title: string;
  readonly branch: string;
}

/** A change of the training: the recipe, and the flights that it reads. anna's pull request, which boris merges. */
export function mergeRecipe(parts: DemoParts, { flights, training, title, branch }: Change): void {
  const { github, folder, serverPort } = parts;
  const data = `data/${basename(flights)}`;
  const text = weighinYaml(
    { data, training },
    { store: folder('store'), logs: folder('stretched'), serving: `http://127.0.0.1:${serverPort}`, hour: parts.hour },
  );
  github.git.commit({ branch, base: 'main', by: 'anna', message: title, files: { 'weighin.yaml': text, [data]: readFileSync(flights) } });
  const { number } = github.openPull({ branch, title, by: 'anna' });
  github.mergePull(number, 'boris');
  parts.teller.say(`anna's pull request #${number} is merged: ${title}`);
}

/**
 * What Actions would do with main as it is: weighin.yml trains and leaves its claim, weighin-weigh.yml measures it on the held-out flights
 * and registers it. Each job is a process of the built action.
 */
export async function trainVersion(
  parts: DemoParts,
  number: number,
  { by, event = 'push' }: { readonly by: string; readonly event?: string },
): Promise<void> {
  const { github, bot, teller } = parts;
  const claimed = await playClaimedRun(github, { branch: 'main', actor: by, event });
  const weighed = await playWeighRun(github, claimed);
  const failed = [...weighed.jobs].find(([, { status }]) => status !== 0);
  if (failed)
    throw new NeverCame(
      `${model}@v${number} was not registered; ${failed[0]} says: ${failed[1].log.trim().split('\n').slice(-3).join(' / ')}`,
    );
  await bot.settled();
  await waitFor(teller, `${model}@v${number} is registered`, () => readState(parts).hasVersion(number), { seconds: 60 });
}
