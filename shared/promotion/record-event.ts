import type { StageKey } from '../registry/stage-key.ts';
import { changeState, type StateView } from './change-state.ts';
import { appendEvent } from './event-chain.ts';
import type { FileText, Forge, NewEvent } from './forge.ts';
import { eventsPath } from './state-paths.ts';

export interface PromotionKey extends StageKey {
  readonly generation: number;
}

/** Whoever writes the state branch, and what events say of them. */
export interface StateWriter {
  readonly forge: Pick<Forge, 'git' | 'now'>;
  /** `weighin[bot]/1.0.0`. */
  readonly by: string;
}

/** Writes events of a promotion in one commit; nothing where their facts are all recorded already. `first`: the state as just read. */
export async function recordEvents(
  writer: StateWriter,
  key: PromotionKey,
  events: readonly NewEvent[],
  first?: StateView,
): Promise<{ readonly written: boolean }> {
  const at = await writer.forge.now();
  const path = eventsPath(key.model, key.stage, key.generation);
  return changeState(
    writer.forge,
    [path],
    (view) => {
      const file = withEvents(view, key, events, { at, by: writer.by });
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
