/** Keeps the last lines of a log. */
export interface LogTail {
  add(line: string): void;
  /** Oldest first. */
  lines(): readonly string[];
}

export function createLogTail(limit = 20): LogTail {
  const kept: string[] = [];
  return {
    add(line) {
      kept.push(line);
      if (kept.length > limit) kept.shift();
    },
    lines: () => [...kept],
  };
}

/** For error messages: the tail as an indented block, or a sentence that there was none. */
export const showTail = (lines: readonly string[]) =>
  lines.length === 0 ? ' It printed nothing.' : ` Its last lines:\n${lines.map((line) => `    ${line}`).join('\n')}`;
