import type { Contract, ContractTable, Rule } from './contract.ts';

/**
 * The head's contract with the severities of the default branch: a rule that stands in both is as grave as it is there, and one that the
 * head left out of a column which it still has goes on being asked. What the head added is its own.
 */
export function mergeSeverities(base: Contract | null, head: Contract | null): Contract | null {
  if (!base || !head) return head ?? base;
  const [only] = base.tables;
  const alone = base.tables.length === 1 && head.tables.length === 1;
  return {
    ...head,
    tables: head.tables.map((table) => mergeTable(alone ? only : base.tables.find(({ name }) => name === table.name), table)),
  };
}

function mergeTable(base: ContractTable | undefined, head: ContractTable): ContractTable {
  if (!base) return head;
  const severities = new Map<string, Rule['severity']>();
  for (const rule of base.rules) if (severities.get(nameOf(rule)) !== 'fail') severities.set(nameOf(rule), rule.severity);
  const kept = new Set(head.rules.map(nameOf));
  const columns = new Set(head.columns.map(({ name }) => name));
  const dropped = base.rules.filter((rule) => !kept.has(nameOf(rule)) && columnsOf(rule).every((column) => columns.has(column)));
  return {
    ...head,
    rules: [...head.rules.map((rule) => ({ ...rule, severity: severities.get(nameOf(rule)) ?? rule.severity })), ...dropped],
  };
}

/** A rule's identity: what it asks of which columns, whatever its limits. A query is its text. */
function nameOf(rule: Rule): string {
  const further =
    rule.kind === 'sql' ? rule.query : rule.kind === 'distribution' ? rule.statistic.name : rule.kind === 'future-event' ? rule.event : '';
  return JSON.stringify([rule.kind, columnsOf(rule), further]);
}

function columnsOf(rule: Rule): readonly string[] {
  if ('columns' in rule) return rule.columns;
  return 'column' in rule && rule.column !== null ? [rule.column] : [];
}
