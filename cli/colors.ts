import picocolors from 'picocolors';

export type Colors = ReturnType<typeof picocolors.createColors>;

export const createColors = (enabled: boolean): Colors => picocolors.createColors(enabled);

/** NO_COLOR of any value wins; FORCE_COLOR and GitHub's log show colours without a terminal. */
export function wantsColors(env: Readonly<Record<string, string | undefined>>, isTerminal: boolean): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return isTerminal && env['TERM'] !== 'dumb';
}
