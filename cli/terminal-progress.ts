import type { Progress } from '../shared/pipeline/progress.ts';
import { clipText, visibleText } from '../shared/words/visible-text.ts';
import type { Colors } from './colors.ts';

export interface ProgressTerminal {
  /** stderr: what a command answers belongs to stdout. */
  write(text: string): void;
  /** A live line only where someone watches; lines in CI. */
  readonly live: boolean;
  readonly colors: Colors;
  columns(): number;
  /** Milliseconds; only differences count. */
  now(): number;
}

export interface TerminalProgress extends Progress {
  /** Ends the last step; nothing is written afterwards. */
  end(failed?: boolean): void;
}

/**
 * Progress for people. On a terminal one line lives, with the seconds of the step, and a step that is over stays as a line;
 * elsewhere each step is a line when it begins. What commands and data say passes without control characters.
 */
export function createTerminalProgress(terminal: ProgressTerminal): TerminalProgress {
  const { colors, live } = terminal;
  let current: { readonly name: string; readonly detail: string; readonly since: number } | undefined;
  let timer: NodeJS.Timeout | undefined;

  const clear = () => {
    if (live && current) terminal.write('\r\u001b[2K');
  };
  const draw = () => {
    if (!live || !current) return;
    const seconds = (terminal.now() - current.since) / 1_000;
    const elapsed = seconds >= 1 ? ` ${Math.floor(seconds)} s` : '';
    const room = Math.max(10, terminal.columns() - 4 - elapsed.length);
    const { name, detail } = current;
    const text = clipText([name, detail].filter(Boolean).join('  '), room);
    terminal.write(
      `${colors.cyan('›')} ${colors.bold(text.slice(0, name.length))}${colors.dim(text.slice(name.length))}${colors.dim(elapsed)}`,
    );
  };
  const close = (failed: boolean) => {
    if (timer) clearInterval(timer);
    timer = undefined;
    if (live && current) {
      clear();
      const { name, detail, since } = current;
      const took = formatSeconds((terminal.now() - since) / 1_000);
      const text = clipText([name, detail].filter(Boolean).join('  '), Math.max(10, terminal.columns() - took.length - 6));
      const mark = failed ? colors.red('✖') : colors.green('✓');
      terminal.write(`${mark} ${text.slice(0, name.length)}${colors.dim(text.slice(name.length))}  ${colors.dim(took)}\n`);
    }
    current = undefined;
  };
  const line = (text: string) => {
    clear();
    terminal.write(`${text}\n`);
    draw();
  };

  return {
    step(name, detail = '') {
      close(false);
      current = { name: visibleText(name), detail: visibleText(detail), since: terminal.now() };
      if (!live) {
        terminal.write(`${[current.name, current.detail].filter(Boolean).join(': ')}\n`);
        return;
      }
      draw();
      timer = setInterval(() => {
        clear();
        draw();
      }, 1_000);
      timer.unref();
    },
    note: (text) => line(`  ${visibleText(text)}`),
    warn: (text) => line(`${colors.yellow(live ? '⚠' : 'warning:')} ${visibleText(text)}`),
    end: (failed = false) => close(failed),
  };
}

const formatSeconds = (seconds: number) => {
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (seconds < 60) return `${Math.round(seconds)} s`;
  return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
};
