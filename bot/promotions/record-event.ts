import { appendEvent } from '../../shared/promotion/event-chain.ts';
import type { FileText, NewEvent } from '../../shared/promotion/forge.ts';
import { eventsPath } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { changeState, type StateView } from '../state/change-state.ts';
import type { StageKey } from '../state/workspace.ts';

export interface PromotionKey extends StageKey {
  readonly generation: number;
}

/** Writes events of a promotion in one commit; nothing where their facts are all recorded already. `first`: the state as just read. */
export async function recordEvents(
  context: BotContext,
  key: PromotionKey,
  events: readonly NewEvent[],
  first?: StateView,
): Promise<{ readonly written: boolean }> {
  const at = await context.forge.now();
  const path = eventsPath(key.model, key.stage, key.generation);
  return changeState(
    context.forge,
    [path],
    (view) => {
      const file = withEvents(view, key, events, { at, by: context.by });
      return file && { message: `${events.map(({ type }) => type).join(', ')}: ${key.model} ${key.stage}`, write: [file] };
    },
    first,
  );
}

/** The events file with these lines at its end; null where it has them all. */
export function withEvents(
  view: StateView,
  { model, stage, generation }: PromotionKey,
  events: readonly NewEvent[],
  { at, by }: { readonly at: Date; readonly by: string },
): FileText | null {
  const path = eventsPath(model, stage, generation);
  const before = view.text(path) ?? '';
  const after = events.reduce((text, event) => appendEvent(text, event, { at: at.toISOString(), by, model, stage, generation }), before);
  return after === before ? null : { path, text: after };
}
