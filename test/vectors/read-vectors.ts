import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

export interface VectorCase {
  readonly name: string;
  readonly kind: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, unknown>>;
  readonly tolerance: Readonly<Record<string, number>>;
}

const own = fileURLToPath(new URL('./data', import.meta.url));
/** Another family of the same schemas may stand in for ours. */
export const vectorFolder = process.env['WEIGHIN_VECTORS'] || own;
export const isReplaced = vectorFolder !== own;

export const vectorFiles = (): string[] =>
  readdirSync(vectorFolder)
    .filter((name) => name.endsWith('.json'))
    .sort();

/** The cases of a file; none where a replaced folder has no such file (a test of its own lists those). */
export function readVectors(file: string): VectorCase[] {
  const path = join(vectorFolder, file);
  if (!existsSync(path)) return [];
  // The one place where JSON becomes typed: the README says this schema.
  return (JSON.parse(readFileSync(path, 'utf8')) as { cases: VectorCase[] }).cases;
}

/** Names a file that a replaced folder does not have; our own must have it. */
export function listAbsent(file: string): void {
  if (existsSync(join(vectorFolder, file))) return;
  it(`absent from the replaced folder: ${file}`, () => expect(isReplaced, `${file} is missing from our own vectors`).toBe(true));
}

/** A number of an input, where a non-finite one is text and a missing one null. */
export function inputNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (value === 'NaN' || value === 'Infinity' || value === '-Infinity') return Number(value);
  throw new Error(`${JSON.stringify(value)} is no number of an input`);
}

export const inputNumbers = (value: unknown): Float64Array => Float64Array.from(value as unknown[], inputNumber);

/**
 * Compares everything that the case expects with what was got: every key must be there. `path` names the quantity for its own
 * tolerance (`TVD_abs`).
 */
export function compareExpected(got: unknown, want: unknown, tolerance: VectorCase['tolerance'], path = ''): void {
  const label = path || 'expected';
  if (typeof want === 'number') {
    const key = path.split('.').at(-1) ?? '';
    const abs = tolerance[`${key}_abs`] ?? tolerance['abs'] ?? 0;
    const rel = tolerance[`${key}_rel`] ?? tolerance['rel'] ?? 0;
    expect(typeof got, `${label}: got ${String(got)}, want ${want}`).toBe('number');
    const distance = Math.abs(Number(got) - want);
    expect(distance <= abs + rel * Math.abs(want), `${label}: got ${String(got)}, want ${want}`).toBe(true);
  } else if (want === 'Infinity' || want === '-Infinity') expect(String(got), label).toBe(want);
  else if (Array.isArray(want)) {
    expect(Array.isArray(got) ? got.length : got, `${label}: length`).toBe(want.length);
    want.forEach((item, index) => {
      compareExpected((got as unknown[])[index], item, tolerance, `${path}[${index}]`);
    });
  } else if (want !== null && typeof want === 'object') {
    expect(got, label).toBeTypeOf('object');
    for (const [key, item] of Object.entries(want)) {
      expect(Object.hasOwn(got as object, key), `${label} lacks ${key}`).toBe(true);
      compareExpected((got as Record<string, unknown>)[key], item, tolerance, path ? `${path}.${key}` : key);
    }
  } else expect(got, label).toBe(want);
}
