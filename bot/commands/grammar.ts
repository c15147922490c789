import type { CommandSpec, OptionName, SlotKind } from './command-spec.ts';
import { commandTable } from './command-table.ts';

/** How a slot is written in the grammar. */
const nonterminals: Readonly<Record<SlotKind, string>> = {
  'model-version': 'name "@" version',
  model: 'name',
  stage: 'name',
  version: 'version',
  versions: 'version blank version',
  gate: 'word',
  command: 'command-name',
  traffic: '( "pause" | "resume" | "promote" | "abort" | "set" blank percent )',
};
const optionRules: Readonly<Record<OptionName, string>> = {
  'dry-run': '"--dry-run"',
  reason: '"--reason" value-sign word',
  until: '"--until" value-sign time',
  window: '"--window" value-sign duration',
};

/** The grammar of a command's line as EBNF (ISO 14977 with `?`, `+`), made from the same table that the parser reads. */
export function grammarText(): string {
  const rules: [string, string][] = [
    ['line', '"/weighin" [ blank command ] | "/" alone'],
    ['command', commandTable.map(({ name }) => name).join(' | ')],
    ['alone', commandTable.flatMap(({ name, alone }) => (alone ? [name] : [])).join(' | ')],
    ...commandTable.map((spec): [string, string] => [spec.name, ruleOf(spec)]),
    ['command-name', commandTable.map(({ name }) => `"${name}"`).join(' | ')],
    ['name', '(* a-z, 0-9 and "-", begins with a letter or digit, at most 63 characters *)'],
    ['version', '[ "v" ] number   (* 1 to 999999999 *)'],
    ['percent', 'number [ "." number ] [ "%" ]   (* 0 to 100 *)'],
    ['duration', 'number ( "ms" | "s" | "m" | "h" | "d" | "w" )'],
    ['time', 'date [ "T" clock ( "Z" | offset ) ]   (* ISO 8601; a date alone is its first moment in UTC *)'],
    ['word', 'plain | quote text quote'],
    ['quote', `'"' | "“" | "”" | "„" | "‟"`],
    ['value-sign', 'blank | "="'],
    ['blank', '(* one or more spaces or tabs *)'],
  ];
  const width = Math.max(...rules.map(([name]) => name.length));
  return rules.map(([name, rule]) => `${name.padEnd(width)} = ${rule} ;`).join('\n');
}

function ruleOf({ name, slots, options }: CommandSpec): string {
  const places = slots.map(({ is, to, optional }) => {
    const place = `blank ${to === 'may' ? '[ "to" blank ] ' : to === 'must' ? '"to" blank ' : ''}${nonterminals[is]}`;
    return optional ? `[ ${place} ]` : place;
  });
  const flags = options.map((option) => {
    const flag = `blank ${optionRules[option.name]}`;
    return option.required ? flag : `[ ${flag} ]`;
  });
  return [`"${name}"`, ...places, ...flags].join(' ');
}
