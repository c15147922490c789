/** How a long work tells where it is: lines in CI, a live line on a terminal, nothing in tests. Everything goes to stderr. */
export interface Progress {
  /** A step began: `dataset`, `training` … The step before it is over. */
  step(name: string, detail?: string): void;
  /** A line that stays: what a step found, or one line of a command's output with its prefix. */
  note(line: string): void;
  /** Something that the user should see, yet that stops nothing. */
  warn(line: string): void;
}

export const silent: Progress = { step() {}, note() {}, warn() {} };
