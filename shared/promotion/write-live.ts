import { canonicalJson } from '../digest/canonical-json.ts';
import type { StageKey } from '../registry/stage-key.ts';
import { changeState, type StateView } from './change-state.ts';
import type { NewEvent } from './forge.ts';
import type { LiveDocument } from './live-document.ts';
import { type StateWriter, withEvents } from './record-event.ts';
import { eventsPath, livePath } from './state-paths.ts';

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
export async function writeLive(writer: StateWriter, key: StageKey, change: LiveChange): Promise<boolean> {
  return (await writeLives(writer, [{ ...change, key }], change)).length === 1;
}

/**
 * The changes of several stages as one commit, since commits are counted. A stage that somebody moved since is left out, the others are
 * written. The keys of those that were.
 */
export async function writeLives(
  { forge, by }: StateWriter,
  changes: readonly (Omit<LiveChange, 'at' | 'message' | 'first'> & { readonly key: StageKey })[],
  { at, message, first }: Pick<LiveChange, 'at' | 'message' | 'first'>,
): Promise<readonly StageKey[]> {
  const planned = changes.map((change) => ({
    ...change,
    path: livePath(change.key.model, change.key.stage),
    expected: change.before === null ? null : canonicalJson(change.before),
    generations: [...new Set(change.events.map(({ generation }) => generation))],
  }));
  const paths = planned.flatMap(({ key, path, generations }) => [
    path,
    ...generations.map((generation) => eventsPath(key.model, key.stage, generation)),
  ]);
  let fresh: typeof planned = [];
  const { written } = await changeState(
    forge,
    paths,
    (view) => {
      fresh = planned.filter(({ path, expected }) => view.text(path) === expected);
      const files = fresh.flatMap(({ key, path, live, events, generations }) => [
        { path, text: canonicalJson(live) },
        ...generations.map((generation) => {
          const own = events.filter((one) => one.generation === generation).map(({ event }) => event);
          return withEvents(view, { ...key, generation }, own, { at, by });
        }),
      ]);
      return fresh.length === 0 ? null : { message, write: files.filter((file) => file !== null) };
    },
    first,
  );
  return written ? fresh.map(({ key }) => key) : [];
}
