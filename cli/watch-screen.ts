import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { Colors } from './colors.ts';

export interface WatchTerminal {
  /** Lines that stay: stdout. */
  line(text: string): void;
  /** stderr. */
  write(text: string): void;
  /** Whether somebody watches: one line lives. Elsewhere the standing is a line now and then. */
  readonly live: boolean;
  readonly quiet: boolean;
  readonly colors: Colors;
  columns(): number;
  /** Milliseconds; only differences count. */
  now(): number;
}

export interface WatchScreen {
  /** A line that stays. */
  say(text: string): void;
  warn(text: string): void;
  /** Where everything stands now, one text a rollout. */
  standing(texts: readonly string[]): void;
  end(): void;
}

/** In a log, every five minutes is enough to see that somebody is there. */
const interval = 300_000;

export function createWatchScreen(terminal: WatchTerminal): WatchScreen {
  const { colors, live, quiet } = terminal;
  let shown = '';
  let last = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (live && shown !== '') terminal.write('\r\u001b[2K');
  };
  const draw = () => {
    if (live && shown !== '') terminal.write(colors.dim(shown));
  };
  const keep = (write: () => void) => {
    clear();
    write();
    draw();
  };
  return {
    say: (text) => keep(() => terminal.line(visibleText(text))),
    warn: (text) => keep(() => terminal.write(`${colors.yellow(live ? '⚠' : 'warning:')} ${visibleText(text)}\n`)),
    standing(texts) {
      if (quiet) return;
      if (live) {
        clear();
        shown = clipText(visibleText(texts.join(' · ')), Math.max(20, terminal.columns() - 1));
        draw();
      } else if (texts.length > 0 && terminal.now() - last >= interval) {
        last = terminal.now();
        for (const text of texts) terminal.write(`${visibleText(text)}\n`);
      }
    },
    end() {
      clear();
      shown = '';
    },
  };
}
