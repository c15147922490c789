import { type GateRow, isComparison } from '../gate-row.ts';

/** A gate's interval against its limit in `cells` characters: right is better, the limit stands at the same place in every row. */
export function intervalBar(row: GateRow, cells = 23): string {
  const { estimate, bound, lower, upper, status } = row.gate;
  if (estimate === null || bound === null || lower === null || upper === null) return '';
  const limitAt = Math.floor(cells * 0.4);
  const zero = isComparison(row.kind) ? 0 : null;
  const shown = [estimate, lower, upper, ...(zero === null ? [] : [zero])].map((value) => value - bound);
  const perCell = Math.max(Math.max(0, -Math.min(...shown)) / (limitAt - 1), Math.max(0, ...shown) / (cells - limitAt - 2));
  const cell = (value: number) => limitAt + (perCell > 0 ? Math.round((value - bound) / perCell) : 0);
  const bar = Array.from({ length: cells }, (_, index): string => (index < limitAt ? '░' : ' '));
  const put = (index: number, character: string) => {
    if (index >= 0 && index < cells) bar[index] = character;
  };
  if (zero !== null) put(cell(zero), '│');
  for (let index = cell(lower); index <= cell(upper); index += 1) put(index, '━');
  put(limitAt, cell(lower) <= limitAt && limitAt <= cell(upper) ? '╋' : '┊');
  put(cell(estimate), status === 'inconclusive' ? '○' : '●');
  return bar.join('');
}
