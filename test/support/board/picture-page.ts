import { boardOf } from '../../../bot/board/board-of.ts';
import { renderBoard } from '../../../bot/board/render-board.ts';
import { ago, busyFacts, workspaceOf } from './board-facts.ts';

/** The page of `docs/images/board.png`: an invented team in the middle of a rollout, with a promotion that waits. */
export function picturePage(): string {
  const facts = busyFacts();
  const { workspace } = facts;
  const given = Object.fromEntries(
    workspace.stages
      .filter(({ model }) => model !== 'fraud')
      .map((key) => {
        const watch = workspace.watch(key);
        const steady = watch && {
          ...watch,
          episodes: [],
          retrainings: [],
          drift: watch.drift && {
            ...watch.drift,
            level: 'shift' as const,
            headline: 'nothing to do yet: `distance` moved a little, 1 of 9 columns',
            columns: watch.drift.columns.filter(({ level }) => level === 'shift').map((one) => ({ ...one, column: 'distance' })),
            windows: watch.drift.windows.map((window, index) => ({ ...window, level: index > 6 ? ('shift' as const) : ('none' as const) })),
          },
        };
        const shown = key.model === 'eta' ? steady : watch;
        const events = { 41: workspace.events(key, 41), 42: workspace.events(key, 42) };
        return [`${key.model} ${key.stage}`, { live: workspace.live(key), watch: shown, events }] as const;
      }),
  );
  return renderBoard(boardOf({ ...facts, readAt: new Date(ago(2)), workspace: workspaceOf(given) }));
}
