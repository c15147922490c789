import { readFile, stat } from 'node:fs/promises';

export interface JUnitSummary {
  readonly total: number;
  readonly failed: number;
  readonly skipped: number;
  /** Names of failed cases, the first twenty. */
  readonly failures: readonly string[];
}

const mostBytes = 20_000_000;
const deepest = 20;

/** Counts the cases of a JUnit file, however its suites are nested; null where it is too large, or no such file. */
export async function readJUnit(path: string): Promise<JUnitSummary | null> {
  if ((await stat(path)).size > mostBytes) return null;
  const text = await readFile(path, 'utf8');
  // A document type can define entities that expand without end; JUnit has none.
  if (/<!DOCTYPE/i.test(text)) return null;
  const { XMLParser } = await import('fast-xml-parser');
  const parser = new XMLParser({ ignoreAttributes: false, attributeNamePrefix: '@', isArray: (name) => repeated.has(name) });
  try {
    const root: unknown = parser.parse(text, true);
    if (!isElement(root) || !('testsuites' in root || 'testsuite' in root)) return null;
    const cases: Element[] = [];
    collectCases(root, cases, 0);
    const failed = cases.filter((found) => 'failure' in found || 'error' in found);
    return {
      total: cases.length,
      failed: failed.length,
      skipped: cases.filter((found) => 'skipped' in found).length,
      failures: failed.slice(0, 20).map(caseName),
    };
  } catch {
    return null;
  }
}

type Element = Readonly<Record<string, unknown>>;
const repeated = new Set(['testsuite', 'testcase']);
const isElement = (value: unknown): value is Element => typeof value === 'object' && value !== null && !Array.isArray(value);

function collectCases(element: Element, cases: Element[], depth: number): void {
  if (depth > deepest) return;
  const within = element['testsuites'];
  if (isElement(within)) collectCases(within, cases, depth + 1);
  const found = element['testcase'];
  // A case without attributes and content is read as empty text; it still ran.
  if (Array.isArray(found)) cases.push(...found.map((one) => (isElement(one) ? one : {})));
  const suites = element['testsuite'];
  if (Array.isArray(suites)) for (const suite of suites) if (isElement(suite)) collectCases(suite, cases, depth + 1);
}

function caseName(found: Element): string {
  const parts = [found['@classname'], found['@name']].filter((part) => typeof part === 'string' && part !== '');
  return parts.length > 0 ? parts.join(' › ').slice(0, 200) : '(unnamed)';
}
