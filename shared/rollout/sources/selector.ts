import { UserError } from '../../errors.ts';
import { quoteText } from './metrics-error.ts';
import { unescapeText } from './read-sample-line.ts';

/** One series name, and labels that must be so; a series with more labels is meant too. */
export interface SelectorTerm {
  readonly name: string;
  readonly labels: readonly (readonly [name: string, value: string])[];
}

/** Terms that are added up. */
export type Selector = readonly SelectorTerm[];

const termStart = /\s*([a-zA-Z_:][a-zA-Z0-9_:]*)\s*/y;
const pair = /\s*([a-zA-Z_][a-zA-Z0-9_]*)\s*(=~|!=|!~|=)\s*"((?:[^"\\]|\\.)*)"\s*/y;

/**
 * `requests_total{version="$version",code="500"} + requests_total{version="$version",code="503"}`, what metrics of pages are written as:
 * equality alone, sums alone.
 *
 * @param place for errors: `bad of error_rate`
 * @throws UserError SELECTOR_INVALID
 */
export function parseSelector(text: string, place: string): Selector {
  const fails = (what: string, at: number) =>
    new UserError(
      'SELECTOR_INVALID',
      `${place}: ${what}${at < text.length ? `, at ${quoteText(text.slice(at))}` : ''}.`,
      'Of pages write series with labels by equality, added by `+`: `errors_total{version="$version"} + late_total{version="$version"}`.',
    );
  const terms: SelectorTerm[] = [];
  let at = 0;
  for (;;) {
    termStart.lastIndex = at;
    const start = termStart.exec(text);
    if (!start) throw fails('a series is expected', at);
    at = termStart.lastIndex;
    const labels: [string, string][] = [];
    if (text[at] === '{') {
      at++;
      while (!/^\s*\}/.test(text.slice(at))) {
        pair.lastIndex = at;
        const [, name, operator, value] = pair.exec(text) ?? [];
        if (name === undefined || value === undefined) throw fails('a label is expected, as `code="500"`', at);
        if (operator !== '=') throw fails(`only \`=\` compares labels of pages, not \`${operator}\``, at);
        labels.push([name, unescapeText(value)]);
        at = pair.lastIndex;
        if (text[at] === ',') at++;
        else if (text[at] !== '}') throw fails('a comma or `}` is expected', at);
      }
      at = text.indexOf('}', at) + 1;
    }
    terms.push({ name: start[1]!, labels });
    const rest = /^\s*(\+?)\s*/.exec(text.slice(at))!;
    at += rest[0].length;
    if (rest[1] === '+') continue;
    if (at < text.length) throw fails('only `+` joins series of pages', at);
    return terms;
  }
}

/** `$version` is v12, `$number` 12. */
export const fillVersion = (text: string, version: string) =>
  text.replaceAll('$version', version).replaceAll('$number', version.replace(/^v/, ''));

export const fillSelector = (selector: Selector, version: string): Selector =>
  selector.map(({ name, labels }) => ({ name, labels: labels.map(([label, value]) => [label, fillVersion(value, version)] as const) }));

export const namesVersion = (text: string) => /\$(?:version|number)\b/.test(text);
