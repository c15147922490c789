import type { PullSnapshot } from '../../shared/promotion/forge.ts';
import type { BotContext } from '../bot-context.ts';
import { type PromotionCheck, writePromotionCheck } from './write-promotion-check.ts';

/** `weighin/promotion` on a pull request that is no promotion of the bot's: green unless it changes what should run. */
export async function writeRegistryCheck(context: BotContext, pull: PullSnapshot): Promise<void> {
  await writePromotionCheck(context, await registryCheck(context, pull));
}

/** What that check says, for `/why` too. */
export async function registryCheck(context: BotContext, pull: PullSnapshot): Promise<PromotionCheck> {
  const { folder } = await context.policy();
  const registry = `${folder === '' ? '' : `${folder}/`}registry/`;
  const paths = pull.files.filter((file) => file.startsWith(registry));
  return { sha: pull.head.sha, kind: await kindOf(context, pull, registry, paths), paths };
}

async function kindOf(
  { forge }: BotContext,
  pull: PullSnapshot,
  registry: string,
  paths: readonly string[],
): Promise<PromotionCheck['kind']> {
  if (paths.length > 0) return isRevert(pull) ? 'revert' : 'not-the-bots';
  if (!pull.moreFiles) return 'untouched';
  // GitHub lists the first files only: the folders themselves are compared.
  const folder = registry.replace(/\/$/, '');
  const [ours, theirs] = await Promise.all([forge.git.list(forge.repository.defaultBranch, folder), forge.git.list(pull.head.sha, folder)]);
  const said = (files: typeof ours) => JSON.stringify(files.map(({ path, oid, mode }) => [path, oid, mode]).sort());
  return said(ours) === said(theirs) ? 'untouched' : 'unknown';
}

/** As GitHub's button names branch, title and body. */
const isRevert = ({ title, body, head }: PullSnapshot) =>
  /^Revert\b/i.test(title) || /^Reverts [\w.-]*\/?[\w.-]*#\d+/im.test(body) || /^revert-\d+-/.test(head.branch);
