import { categoryMethods } from './category-methods.ts';
import type { NamedMethod } from './method.ts';
import { numericMethods } from './numeric-methods.ts';
import { shareMethods } from './share-methods.ts';

/** Every method of `--method NAME`, in the order of the help. */
export const namedMethods: readonly NamedMethod[] = [...numericMethods, ...shareMethods, ...categoryMethods];

/** By its name or an alias; undefined: there is none. */
export function findMethod(name: string): NamedMethod | undefined {
  const asked = name.toLowerCase();
  return namedMethods.find((method) => method.name === asked || method.aliases.includes(asked));
}
