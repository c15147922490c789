import * as core from '@actions/core';
import type { Progress } from '../../pipeline/progress.ts';

/** Progress in the log of a job: a foldable group a step. `end` closes the last one. */
export function createActionsProgress(): Progress & { end(): void } {
  let open = false;
  const end = () => {
    if (open) core.endGroup();
    open = false;
  };
  return {
    step(name, detail) {
      end();
      core.startGroup(harmless(detail ? `${name}: ${detail}` : name));
      open = true;
    },
    note: (line) => core.info(harmless(line)),
    warn: (line) => core.warning(line),
    end,
  };
}

/**
 * A line that the runner shows and does not obey: a line that begins with `::` is a command to it, and so is an old-style
 * `##[` anywhere; training and tests print what they like.
 */
export const harmless = (text: string) => text.replaceAll(/^(\s*):(?=:)/gm, '$1: ').replaceAll('##[', '## [');
