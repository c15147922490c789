import type { Policy, Reply } from '../bot-context.ts';
import type { CommandLine } from './command-line.ts';
import { modelOf } from './model-of.ts';
import { say } from './say.ts';

/** What is known of a model's drift: no run of this version reports any yet, so this says what to set up. */
export function drift({ model }: Extract<CommandLine, { name: 'drift' }>, policy: Policy): Reply {
  const declared = modelOf(policy, model).drift !== undefined;
  return say(
    'refused',
    'DRIFT_NOT_SET_UP',
    declared ? `No drift report of \`${model}\` is known yet.` : `\`${model}\` has no \`drift:\` in weighin.yaml, so nobody measures it.`,
    declared
      ? 'A scheduled run on the default branch measures it; the bot itself sees no data.'
      : `Add \`drift: {window: 7d}\` to \`${model}\` in weighin.yaml, and a scheduled run that measures it.`,
  );
}
