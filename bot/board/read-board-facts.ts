import { lastOf, lastPlanned } from '../../shared/promotion/event-data.ts';
import { promotionStatus } from '../../shared/promotion/promotion-status.ts';
import { promotionId } from '../../shared/promotion/state-paths.ts';
import type { StageKey } from '../../shared/registry/stage-key.ts';
import type { BotContext } from '../bot-context.ts';
import { knownNumbers } from '../commands/known-numbers.ts';
import { readFacts } from '../promotions/read-facts.ts';
import { readWorkspace, type Workspace } from '../state/workspace.ts';
import type { BoardFacts } from './board-of.ts';
import type { OpenPromotion } from './waiting-of.ts';

/** What GitHub says for the board of one repository. */
export type BoardReading = Pick<BoardFacts, 'repository' | 'url' | 'workspace' | 'known' | 'open'>;

/** Reviews and conditions of dates change without a commit: they are asked again after this. */
const aMinute = 60_000;
/** Asked about in full; more at once are told without their conditions. */
const mostOpen = 12;

interface Remembered {
  /** Of state branch and default branch. */
  readonly heads: string;
  readonly at: number;
  readonly known: BoardFacts['known'];
  readonly open: BoardFacts['open'];
}

/**
 * Reads for the board: one request as long as nothing moves, since a page may stay open on a wall for weeks. Versions and open promotions,
 * which cost more, are read again when a branch moved, and once a minute.
 */
export function createBoardFactsReader(now: () => number = () => performance.now()) {
  const memories = new WeakMap<BotContext['forge'], Remembered>();
  return async (context: BotContext): Promise<BoardReading> => {
    const { forge } = context;
    const workspace = await readWorkspace(context);
    const heads = `${workspace.mainHead}:${workspace.state.commit}`;
    const before = memories.get(forge);
    const isFresh = before?.heads === heads && now() - before.at < aMinute;
    const kept = isFresh
      ? before
      : {
          heads,
          at: now(),
          known: before?.heads === heads ? before.known : await knownNumbers(forge, null),
          open: await readOpen(context, workspace),
        };
    memories.set(forge, kept);
    return {
      repository: `${forge.repository.owner}/${forge.repository.name}`,
      url: forge.repository.url,
      workspace,
      known: kept.known,
      open: kept.open,
    };
  };
}

async function readOpen(context: BotContext, workspace: Workspace): Promise<BoardFacts['open']> {
  const found = workspace.stages.flatMap((key) => generationsOf(workspace, key).map((generation) => ({ ...key, generation })));
  const read: (OpenPromotion & StageKey)[] = [];
  for (const [index, one] of found.entries()) read.push(await readOne(context, workspace, one, index < mostOpen));
  return read;
}

/** A stage whose documents are broken is told where it is shown. */
function generationsOf(workspace: Workspace, key: StageKey): readonly number[] {
  try {
    return workspace.openGenerations(key);
  } catch {
    return [];
  }
}

async function readOne(
  context: BotContext,
  workspace: Workspace,
  { model, stage, generation }: StageKey & { readonly generation: number },
  inFull: boolean,
): Promise<OpenPromotion & StageKey> {
  const key = { model, stage };
  const events = workspace.events(key, generation);
  const asked = lastOf(events, 'promotion.requested');
  const known = {
    ...key,
    promotion: promotionId(model, stage, generation),
    version: asked?.data.version ?? workspace.stage(key)?.version.number ?? 0,
    requestedBy: asked?.actor ?? null,
    requestedAt: asked?.at ?? null,
    pull: lastPlanned(events)?.data.pull ?? null,
  };
  const { config } = workspace.policy;
  if (!config || !inFull)
    return {
      ...known,
      status: null,
      problem: inFull ? workspace.policy.problem : 'too many wait at once; `/why` on its pull request tells',
    };
  try {
    return { ...known, status: promotionStatus(await readFacts(context, workspace, config, { ...key, generation })), problem: null };
  } catch (error) {
    return { ...known, status: null, problem: error instanceof Error ? error.message : String(error) };
  }
}
