import type { DatasetManifest } from '../dataset/manifest.ts';

type Tree = { readonly [name: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

/** How the rows were parted, from the recipe as it was asked for: `stratified, seed 42`; null where the recipe doesn't say. */
export function splitMethod({ recipe }: Pick<DatasetManifest, 'recipe'>): string | null {
  const asked = isTree(recipe['asked']) ? recipe['asked'] : recipe;
  const split = asked['split'];
  if (!isTree(split) || typeof split['by'] !== 'string') return null;
  return typeof split['seed'] === 'number' && split['by'] !== 'time' && split['by'] !== 'column'
    ? `${split['by']}, seed ${split['seed']}`
    : split['by'];
}
