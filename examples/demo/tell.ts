import { clipText, visibleText } from '../../shared/words/visible-text.ts';

/** A claim that was looked up, and whether it held. */
export interface Claim {
  readonly act: string;
  readonly text: string;
  readonly holds: boolean;
  /** What was there instead, where it did not. */
  readonly detail: string | null;
  /** Seconds since the demo began. */
  readonly at: number;
}

export interface Teller {
  act(title: string): void;
  /** What is done, by whom. */
  say(text: string): void;
  /** A line below the last, without a time. */
  more(text: string): void;
  /** Something that was read back: ✓, or ✕ with what was there instead. */
  claim(text: string, holds: boolean, detail?: string): boolean;
  /** One line that is written over while something is waited for; nothing where nobody looks. */
  wait(text: string): void;
  /** Nothing more is said. */
  end(): void;
  isOver(): boolean;
  /** Seconds since the demo began. */
  seconds(): number;
  readonly claims: readonly Claim[];
}

/** The story on the terminal: a line each, with the time. */
export function createTeller(out: NodeJS.WriteStream, color: boolean): Teller {
  const began = performance.now();
  const claims: Claim[] = [];
  const seconds = () => (performance.now() - began) / 1000;
  const paint = (code: number, end: number) => (text: string) => (color ? `\u001b[${code}m${text}\u001b[${end}m` : text);
  const [bold, dim, red, green] = [paint(1, 22), paint(2, 22), paint(31, 39), paint(32, 39)];
  let waiting: string | null = null;
  let act = '';
  const clear = () => {
    if (waiting !== null) out.write('\r\u001b[K');
    waiting = null;
  };
  let ended = false;
  const line = (text: string) => {
    if (ended) return;
    clear();
    out.write(`${text}\n`);
  };
  function draw(): void {
    if (waiting === null) return;
    const room = Math.max(20, out.columns - 12);
    out.write(`\r\u001b[K${time()}  ${dim(clipText(`… ${visibleText(waiting)}`, room))}`);
  }
  const time = () => dim(`${seconds().toFixed(0).padStart(4)} s`);
  // The seconds go on, so that a long wait does not look like a standstill.
  if (out.isTTY) setInterval(draw, 1000).unref();
  return {
    claims,
    seconds,
    act(title) {
      act = title;
      line('');
      line(bold(`── ${title} ${'─'.repeat(Math.max(2, 74 - title.length))}`));
    },
    say: (text) => line(`${time()}    ${visibleText(text)}`),
    more: (text) => line(`${' '.repeat(10)}${dim(visibleText(text))}`),
    claim(text, holds, detail) {
      claims.push({ act, text, holds, detail: holds ? null : (detail ?? null), at: Math.round(seconds() * 10) / 10 });
      line(
        `${time()}  ${holds ? green('✓') : red('✕')} ${visibleText(text)}${holds || detail === undefined ? '' : red(` (it is: ${visibleText(detail)})`)}`,
      );
      return holds;
    },
    isOver: () => ended,
    end: () => {
      ended = true;
    },
    wait(text) {
      if (!out.isTTY || ended) return;
      waiting = text;
      draw();
    },
  };
}
