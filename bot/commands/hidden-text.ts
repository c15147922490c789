/** Elements whose content is a quotation, code or no text at all: a command in one of them is not meant, or not seen. */
const quoting = new Set(
  'blockquote q pre code samp kbd tt xmp listing plaintext del s strike script style textarea template iframe noscript title math svg'.split(
    ' ',
  ),
);

/**
 * Follows what one line of a comment hides of the next ones: code spans, HTML comments, tags, images and link titles go on over line
 * ends. Where it can't tell, it says hidden: a command that is not carried out can be written again.
 */
export interface HiddenText {
  /** Whether a line that comes now would be hidden or quoted. */
  hidden(): boolean;
  /** Takes in a line of a paragraph. */
  text(line: string): void;
  /** Takes in a line of a block of raw HTML. */
  html(line: string): void;
  /** A paragraph ended; what was left open in it was plain text. */
  endText(): void;
  /** Raw HTML ended; what was left open in it swallows all that follows. */
  endHtml(): void;
}

type Open = { readonly until: 'ticks'; readonly length: number } | { readonly until: '-->' } | { readonly until: 'end' } | null;

export function createHiddenText(): HiddenText {
  let open: Open = null;
  const inside = new Map<string, number>();
  let swallowed = false;

  /** Where reading goes on after what is open, or null where it stays open. */
  function resume(line: string): number | null {
    if (!open) return 0;
    if (open.until === 'end') return null;
    const end = open.until === '-->' ? after(line, '-->', 0) : afterTicks(line, open.length, 0);
    if (end !== null) open = null;
    return end;
  }

  function scan(line: string, raw: boolean): void {
    const start = resume(line);
    if (start === null) return;
    const special = /\\.|`+|<!--|<\/?[a-z][a-z0-9-]*(?=[\s/>]|$)|<[?!]|!\[|\]\(/gi;
    special.lastIndex = start;
    for (let found = special.exec(line); found; found = special.exec(line)) {
      const end = pass(line, found[0], found.index, raw);
      if (end === null) return;
      special.lastIndex = end;
    }
  }

  /** The end of what begins at `at`; null where the line ends before it does. */
  function pass(line: string, mark: string, at: number, raw: boolean): number | null {
    const next = at + mark.length;
    if (mark === '<!--') return after(line, '-->', at + 2) ?? leave({ until: '-->' });
    if (mark.startsWith('<')) return passTag(line, mark, next);
    if (raw) return next;
    if (mark.startsWith('`')) return afterTicks(line, mark.length, next) ?? leave({ until: 'ticks', length: mark.length });
    if (mark === '![') return after(line, ']', next) ?? leave({ until: 'end' });
    if (mark === '](') return after(line, ')', next) ?? leave({ until: 'end' });
    return next;
  }

  function passTag(line: string, mark: string, from: number): number | null {
    const end = tagEnd(line, from);
    const name = mark.replace(/^<\/?/, '').toLowerCase();
    if (quoting.has(name)) {
      const depth = inside.get(name) ?? 0;
      if (!mark.startsWith('</')) inside.set(name, depth + 1);
      else if (depth > 1) inside.set(name, depth - 1);
      else inside.delete(name);
    }
    return end ?? leave({ until: 'end' });
  }

  function leave(what: Open): null {
    open = what;
    return null;
  }

  return {
    hidden: () => open !== null || inside.size > 0 || swallowed,
    text(line) {
      // A link's definition goes on over lines too, and none of it is shown.
      if (!open && /^ {0,3}\[(?:[^\]]*$|[^\]]*\]:)/.test(line)) open = { until: 'end' };
      scan(line, false);
    },
    html: (line) => scan(line, true),
    endText() {
      open = null;
    },
    endHtml() {
      swallowed ||= open !== null;
      open = null;
    },
  };
}

function after(line: string, mark: string, from: number): number | null {
  const at = line.indexOf(mark, from);
  return at < 0 ? null : at + mark.length;
}

/** Behind the next run of exactly so many backticks. */
function afterTicks(line: string, length: number, from: number): number | null {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(line); run; run = runs.exec(line)) if (run[0].length === length) return run.index + length;
  return null;
}

/** Behind a tag's `>`; one in a quoted attribute does not end it. */
function tagEnd(line: string, from: number): number | null {
  const marks = /["'>]/g;
  marks.lastIndex = from;
  for (let mark = marks.exec(line); mark; mark = marks.exec(line)) {
    if (mark[0] === '>') return mark.index + 1;
    const end = after(line, mark[0], mark.index + 1);
    if (end === null) return null;
    marks.lastIndex = end;
  }
  return null;
}
