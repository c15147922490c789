/** Lines that only one of two texts has, in order: `- old` and `+ new`. By the longest common subsequence. */
export function changedLines(before: string, after: string): string[] {
  const [some, others] = [before.split('\n'), after.split('\n')];
  const width = others.length + 1;
  const lengths = new Uint32Array((some.length + 1) * width);
  const at = (i: number, j: number) => lengths[i * width + j] ?? 0;
  for (let i = some.length - 1; i >= 0; i--)
    for (let j = others.length - 1; j >= 0; j--)
      lengths[i * width + j] = some[i] === others[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < some.length || j < others.length) {
    if (i < some.length && j < others.length && some[i] === others[j]) {
      i++;
      j++;
    } else if (i < some.length && (j >= others.length || at(i + 1, j) >= at(i, j + 1))) lines.push(`- ${some[i++]}`);
    else lines.push(`+ ${others[j++]}`);
  }
  return lines;
}
