import type { Forge } from '../../shared/promotion/forge.ts';
import { stateBranch } from '../../shared/promotion/state-paths.ts';

/** Numbers of the versions that the bot accepted, by model, smallest first; one request. `model` narrows it to one. */
export async function knownNumbers(forge: Forge, model: string | null): Promise<ReadonlyMap<string, readonly number[]>> {
  const files = await forge.git.list(stateBranch, model === null ? 'versions' : `versions/${model}`);
  const numbers = new Map<string, number[]>();
  for (const { path, mode } of files) {
    const [, name = '', digits] = /^versions\/([^/]+)\/([1-9]\d{0,8})\.json$/.exec(path) ?? [];
    if (mode === 'file' && digits !== undefined) numbers.set(name, [...(numbers.get(name) ?? []), Number(digits)]);
  }
  for (const list of numbers.values()) list.sort((a, b) => a - b);
  return numbers;
}
