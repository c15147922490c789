import { canonicalJson } from '../../shared/digest/canonical-json.ts';
import type { NewEvent } from '../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import { eventsPath, livePath } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { changeState, type StateView } from '../state/change-state.ts';
import { type PromotionKey, withEvents } from './record-event.ts';

export interface LiveChange {
  /** What the caller decided on; null where there was none. */
  readonly before: LiveDocument | null;
  readonly live: LiveDocument;
  /** To the events of these generations, in order. */
  readonly events: readonly { readonly generation: number; readonly event: NewEvent }[];
  readonly at: Date;
  readonly message: string;
  /** The state as it was just read, to spare reading it again. */
  readonly first?: StateView;
}

/**
 * Live state and the events of its change, as one transition. false where somebody moved the stage since `before` was read: its revision
 * is the fence, and a process that was overtaken writes nothing.
 */
export async function writeLive(context: BotContext, key: Omit<PromotionKey, 'generation'>, change: LiveChange): Promise<boolean> {
  const { model, stage } = key;
  const path = livePath(model, stage);
  const generations = [...new Set(change.events.map(({ generation }) => generation))];
  const paths = [path, ...generations.map((generation) => eventsPath(model, stage, generation))];
  const expected = change.before === null ? null : canonicalJson(change.before);
  const { written } = await changeState(
    context.forge,
    paths,
    (view) => {
      if (view.text(path) !== expected) return null;
      const files = generations.map((generation) => {
        const own = change.events.filter((one) => one.generation === generation).map(({ event }) => event);
        return withEvents(view, { model, stage, generation }, own, { at: change.at, by: context.by });
      });
      return { message: change.message, write: [{ path, text: canonicalJson(change.live) }, ...files.filter((file) => file !== null)] };
    },
    change.first,
  );
  return written;
}
