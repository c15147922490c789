import type { EventLine } from '../../shared/promotion/event-document.ts';
import type { LiveDocument } from '../../shared/promotion/live-document.ts';
import type { DemoParts } from './demo-parts.ts';
import { model } from './weighin-yaml.ts';

/** What is written down: nothing that the demo says is taken from anywhere else. */
export function readState({ github }: Pick<DemoParts, 'github'>) {
  const json = <T>(path: string, branch = 'weighin/state'): T | null => {
    const text = github.git.file(branch, path);
    // Written by the bot and the guard, which are what is shown here.
    return text === null ? null : (JSON.parse(text) as T);
  };
  return {
    live: () => json<LiveDocument>(`live/${model}/production.json`),
    stage: () =>
      json<{ readonly generation: number; readonly version: { readonly number: number } }>(
        `registry/${model}/stages/production.json`,
        'main',
      ),
    hasVersion: (number: number) => json(`versions/${model}/${number}.json`) !== null,
    watch: () =>
      json<{
        readonly episodes: readonly { readonly id: string; readonly issue: number | null }[];
        readonly retrainings: readonly { readonly state: string }[];
      }>(`monitoring/${model}/production.json`),
    /** Every file of the events of the stage, oldest first. */
    events: (): readonly EventLine[] =>
      github.git
        .files('weighin/state')
        .filter((path) => path.startsWith(`events/`) && path.includes(model))
        .sort()
        .flatMap((path) => (github.git.file('weighin/state', path) ?? '').split('\n').filter(Boolean))
        .map((line) => JSON.parse(line) as EventLine),
  };
}
