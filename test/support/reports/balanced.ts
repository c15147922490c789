import { expect } from 'vitest';

/** Every element that opens closes, in order: what a browser would silently mend is a mistake here. */
export function expectBalanced(page: string): void {
  const open: string[] = [];
  const alone = new Set(['meta', 'br', '!doctype']);
  for (const [, close, name = '', self] of page.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?)([a-z!][a-z0-9]*)[^>]*?(\/?)>/gi)) {
    if (self || alone.has(name.toLowerCase())) continue;
    if (close) expect(open.pop()).toBe(name);
    else open.push(name);
  }
  expect(open).toEqual([]);
}
