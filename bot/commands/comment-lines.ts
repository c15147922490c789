import { createHiddenText } from './hidden-text.ts';

/** A line of a comment, counted from 1, that begins with a slash and is shown as plain text. */
export interface SlashLine {
  readonly line: number;
  readonly text: string;
}

type Container = { readonly kind: 'quote' } | { readonly kind: 'item'; readonly width: number; bare: boolean };
type Leaf =
  | { readonly kind: 'none' | 'paragraph' }
  | { readonly kind: 'fence'; readonly mark: string; readonly length: number }
  /** `end`: what ends it; null is a blank line. `fenced`: backticks in it, which a person meant as a fence. */
  | { readonly kind: 'html'; readonly end: RegExp | null; fenced: boolean };

/** Deeper than people write: reading stops there, so that no comment costs more than its length. */
const deepest = 40;

/**
 * Finds the lines that begin with a slash and that a reader sees as text: not in fences, indented code, quotes (also the lines that
 * Markdown draws into a quote), code spans, HTML comments and other hidden places. Blocks are followed as CommonMark reads them, in
 * time linear in the text; `<details>` hides nothing.
 */
export function slashLines(body: string): SlashLine[] {
  const found: SlashLine[] = [];
  const hiding = createHiddenText();
  let containers: Container[] = [];
  let leaf = { kind: 'none' } as Leaf;

  const setLeaf = (next: Leaf) => {
    if (leaf.kind === 'paragraph' && next.kind !== 'paragraph') hiding.endText();
    if (leaf.kind === 'html' && next !== leaf) hiding.endHtml();
    leaf = next;
  };
  const meet = (line: number, text: string) => {
    if (text.startsWith('/') && !hiding.hidden() && containers.every(({ kind }) => kind !== 'quote')) found.push({ line, text });
  };

  let number = 0;
  for (const written of body.split(/\r\n|\n|\r/)) {
    number += 1;
    const line = createCursor(expandTabs(written));
    const matched = matchContainers(containers, line);
    const inside = matched === containers.length;

    if (inside && leaf.kind === 'fence') {
      if (closesFence(line.rest(), leaf.mark, leaf.length)) setLeaf({ kind: 'none' });
      continue;
    }
    if (inside && leaf.kind === 'html') {
      if (!leaf.end && line.blank()) setLeaf({ kind: 'none' });
      else readHtml(leaf, number, written, line.rest());
      continue;
    }

    let opened = false;
    const enter = () => {
      if (opened) return;
      opened = true;
      if (!inside) containers = containers.slice(0, matched);
      setLeaf({ kind: 'none' });
    };
    let ended = false;
    while (!line.blank() && line.indent() < 4) {
      const rest = line.rest().trimStart();
      const inParagraph = inside && !opened && leaf.kind === 'paragraph';
      const fence = /^(`{3,})[^`]*$|^(~{3,})/.exec(rest);
      const end = htmlEnd(rest, !opened && leaf.kind === 'paragraph');
      const item = /^(?:[-+*]|(\d{1,9})[.)])(?= |$)/.exec(rest);
      if (rest.startsWith('>')) {
        enter();
        line.skip(line.indent() + 1);
        if (line.rest().startsWith(' ')) line.skip(1);
        containers.push({ kind: 'quote' });
      } else if (fence) {
        enter();
        const mark = fence[1] ?? fence[2] ?? '';
        setLeaf({ kind: 'fence', mark: mark[0] ?? '', length: mark.length });
        ended = true;
      } else if (end !== undefined) {
        enter();
        const html: Leaf = { kind: 'html', end, fenced: false };
        setLeaf(html);
        readHtml(html, number, written, rest);
        ended = true;
      } else if (/^#{1,6}(?: |$)/.test(rest) || isRule(rest) || (inParagraph && !hiding.hidden() && /^(?:=+|-+) *$/.test(rest))) {
        enter();
        ended = true;
      } else if (item && !(inParagraph && (rest.trim() === item[0] || (item[1] !== undefined && Number(item[1]) !== 1)))) {
        enter();
        const bare = rest.trim() === item[0];
        const gap = rest.length - item[0].length - rest.slice(item[0].length).trimStart().length;
        const width = line.indent() + item[0].length + (bare || gap > 4 ? 1 : gap);
        line.skip(width);
        containers.push({ kind: 'item', width, bare });
      } else break;
      if (ended) break;
      if (containers.length > deepest) return found;
    }
    if (ended) continue;

    const lazy = !inside && !opened && !line.blank() && leaf.kind === 'paragraph';
    if (!inside && !opened && !lazy) {
      containers = containers.slice(0, matched);
      setLeaf({ kind: 'none' });
    }
    if (line.blank()) setLeaf({ kind: 'none' });
    else if (lazy || leaf.kind === 'paragraph' || line.indent() < 4) {
      setLeaf({ kind: 'paragraph' });
      meet(number, written);
      hiding.text(line.rest());
    }
  }
  return found;

  function readHtml(html: Extract<Leaf, { kind: 'html' }>, number: number, written: string, text: string): void {
    if (/^ {0,3}(?:`{3}|~{3})/.test(text)) html.fenced = !html.fenced;
    else if (!html.end && !html.fenced) meet(number, written);
    hiding.html(text);
    if (html.end?.test(text)) setLeaf({ kind: 'none' });
  }
}

interface Cursor {
  readonly rest: () => string;
  readonly indent: () => number;
  readonly blank: () => boolean;
  readonly skip: (columns: number) => void;
}

/** A place in a line; the next character that is no space is looked for once, however often it is asked for. */
function createCursor(text: string): Cursor {
  let at = 0;
  let dark = -1;
  const next = () => {
    if (dark < at) {
      const found = text.slice(at).search(/[^ ]/);
      dark = found < 0 ? text.length : at + found;
    }
    return dark;
  };
  return {
    rest: () => text.slice(at),
    indent: () => next() - at,
    blank: () => next() >= text.length,
    skip(columns) {
      at = Math.min(text.length, at + columns);
    },
  };
}

/** How many of the open containers a line goes on with; the cursor moves behind their marks. */
function matchContainers(containers: readonly Container[], line: Cursor): number {
  let matched = 0;
  for (const container of containers) {
    if (container.kind === 'quote') {
      const indent = line.indent();
      if (indent > 3 || line.blank() || line.rest()[indent] !== '>') break;
      line.skip(indent + 1);
      if (line.rest().startsWith(' ')) line.skip(1);
    } else if (line.blank()) {
      // A list's item may begin with one blank line, not with two.
      if (container.bare) break;
    } else if (line.indent() >= container.width) {
      line.skip(container.width);
      container.bare = false;
    } else break;
    matched += 1;
  }
  return matched;
}

function closesFence(rest: string, mark: string, length: number): boolean {
  const found = /^ {0,3}(`{3,}|~{3,}) *$/.exec(rest)?.[1];
  return found !== undefined && found[0] === mark && found.length >= length;
}

const isRule = (rest: string) => /^(?:(?:\* *){3,}|(?:- *){3,}|(?:_ *){3,})$/.test(rest);

const blocks =
  'address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main menu menuitem nav noframes ol optgroup option p param search section source summary table tbody td tfoot th thead title tr track ul';
const block = new RegExp(`^</?(?:${blocks.replaceAll(' ', '|')})(?:[ >]|/>|$)`, 'i');
const anyTag = /^(?:<[a-z][a-z0-9-]*(?: +[a-z_:][\w.:-]*(?: *= *(?:[^ "'=<>`]+|'[^']*'|"[^"]*"))?)* *\/?>|<\/[a-z][a-z0-9-]* *>) *$/i;

/** What ends the raw HTML that begins here: null is a blank line; undefined where none begins. CommonMark's seven kinds. */
function htmlEnd(rest: string, inParagraph: boolean): RegExp | null | undefined {
  if (!rest.startsWith('<')) return undefined;
  if (/^<(?:pre|script|style|textarea)(?:[ >]|$)/i.test(rest)) return /<\/(?:pre|script|style|textarea)>/i;
  if (rest.startsWith('<!--')) return /-->/;
  if (rest.startsWith('<?')) return /\?>/;
  if (rest.startsWith('<![CDATA[')) return /\]\]>/;
  if (/^<![a-z]/i.test(rest)) return />/;
  if (block.test(rest)) return null;
  return !inParagraph && anyTag.test(rest) ? null : undefined;
}

/** Tabs as the spaces that they stand for, up to the next multiple of four. */
function expandTabs(text: string): string {
  if (!text.includes('\t')) return text;
  const parts = text.split('\t');
  const last = parts.pop() ?? '';
  let column = 0;
  const spaced = parts.map((part) => {
    const width = 4 - ((column + part.length) % 4);
    column += part.length + width;
    return part + ' '.repeat(width);
  });
  return spaced.join('') + last;
}
