import { createContext, Script } from 'node:vm';
import { UserError } from '../../shared/errors.ts';

/** A template is text of a page; what needs longer is a mistake or a trap. */
const templateMilliseconds = 1_000;
const mostCharacters = 64_000;

const script = new Script('render()');

/**
 * Runs the filling of a team's template and ends it when it takes too long: the language has no loop without end, yet lists in lists grow
 * without measure. The engine stops the thread's own script, so nothing of it goes on.
 * @throws UserError TEMPLATE_TOO_SLOW
 */
export function renderInTime(template: string, render: () => string, milliseconds = templateMilliseconds): string {
  if (template.length > mostCharacters) throw tooSlow(`has more than ${mostCharacters} characters`);
  try {
    return String(script.runInContext(createContext({ render }), { timeout: milliseconds }));
  } catch (error) {
    // The engine's own error, of another realm than ours.
    if (typeof error === 'object' && error !== null && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT')
      throw tooSlow(`takes longer than ${milliseconds} ms`);
    throw error;
  }
}

const tooSlow = (what: string) =>
  new UserError('TEMPLATE_TOO_SLOW', `The comment's template ${what}.`, 'Write it shorter, or leave conversation.template out.');
