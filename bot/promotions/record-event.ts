import { appendEvent } from '../../shared/promotion/event-chain.ts';
import type { NewEvent } from '../../shared/promotion/forge.ts';
import { eventsPath } from '../../shared/promotion/state-paths.ts';
import type { BotContext } from '../bot-context.ts';
import { changeState, type StateView } from '../state/change-state.ts';
import type { StageKey } from '../state/workspace.ts';

export interface EventPlace extends StageKey {
  readonly generation: number;
}

/** Writes one event of a promotion; nothing where its fact is recorded already. */
export async function recordEvent(context: BotContext, place: EventPlace, event: NewEvent): Promise<{ readonly written: boolean }> {
  const at = (await context.forge.now()).toISOString();
  const path = eventsPath(place.model, place.stage, place.generation);
  return changeState(context.forge, [path], (view) => {
    const text = withEvent(view, path, place, event, { at, by: context.by });
    return text === null ? null : { message: `${event.type} ${place.model} ${place.stage}`, write: [{ path, text }] };
  });
}

/** The events file with one line more; null where the fact is in it. */
export function withEvent(
  view: StateView,
  path: string,
  { model, stage, generation }: EventPlace,
  event: NewEvent,
  { at, by }: { readonly at: string; readonly by: string },
): string | null {
  const before = view.text(path) ?? '';
  const after = appendEvent(before, event, { at, by, model, stage, generation });
  return after === before ? null : after;
}
