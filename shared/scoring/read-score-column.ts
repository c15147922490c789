import { readFile, stat } from 'node:fs/promises';
import { UserError } from '../errors.ts';

/** Names that mean the score, in the order in which they are looked for. */
export const usualScoreNames = ['score', 'prediction', 'predictions', 'probability'];
const mostBytes = 4_000_000_000;

/**
 * The column of scores in a CSV with a header: the one that is named, else `score`, `prediction`, `predictions` or `probability`, else
 * the only one. Throws `PREDICTIONS_MISSING`, `PREDICTIONS_NO_SCORE`, `PREDICTIONS_NOT_FINITE` (with the line).
 */
export async function readScoreColumn(path: string, named: string | undefined): Promise<Float64Array> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile()) {
    throw new UserError(
      'PREDICTIONS_MISSING',
      'The predict command left no predictions.',
      'Write one line a row, and a header score, to the CSV $WEIGHIN_PREDICTIONS.',
    );
  }
  if (found.size > mostBytes)
    throw new UserError('PREDICTIONS_TOO_LARGE', `The predictions have ${found.size} bytes.`, 'Write the score alone.');
  const lines = (await readFile(path, 'utf8')).split('\n');
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop();
  const header = splitLine(lines[0] ?? '');
  const index = scoreIndex(header, named);
  const scores = new Float64Array(Math.max(0, lines.length - 1));
  for (let row = 0; row < scores.length; row++) {
    const line = lines[row + 1]!;
    const text = (header.length === 1 && !line.includes('"') ? line : (splitLine(line)[index] ?? '')).trim();
    const score = text === '' ? Number.NaN : Number(text);
    if (!Number.isFinite(score)) {
      throw new UserError(
        'PREDICTIONS_NOT_FINITE',
        `Line ${row + 2} of the predictions holds no finite number as its score.`,
        'Every row needs a score; a missing value in the rows is for the model to fill.',
      );
    }
    scores[row] = score;
  }
  return scores;
}

function scoreIndex(header: readonly string[], named: string | undefined): number {
  const names = header.map((name) => name.trim());
  if (named !== undefined) {
    if (names.includes(named)) return names.indexOf(named);
    throw noScore(`there is no column ${named} (model.score)`, names);
  }
  const usual = usualScoreNames.find((name) => names.includes(name));
  if (usual) return names.indexOf(usual);
  // One number alone in the first line is a row, not a header.
  if (names.length === 1 && names[0] !== '' && !Number.isFinite(Number(names[0]))) return 0;
  throw noScore('no column is named score or prediction', names);
}

const noScore = (reason: string, names: readonly string[]) =>
  new UserError(
    'PREDICTIONS_NO_SCORE',
    `The predictions have no score: ${reason}; the first line is ${names.slice(0, 20).join(', ') || 'empty'}.`,
    'Name the column score, or name it in model.score.',
  );

/** Fields of one line; a field in quotes may hold commas. */
function splitLine(line: string): readonly string[] {
  const text = line.replace(/\r$/, '');
  const fields: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const found = /^(?:"((?:[^"]|"")*)"|([^,]*))/.exec(text.slice(at));
    const [whole = '', inQuotes, plain = ''] = found ?? [];
    fields.push(inQuotes === undefined ? plain : inQuotes.replaceAll('""', '"'));
    const comma = text.indexOf(',', at + whole.length);
    if (comma === -1) break;
    at = comma + 1;
  }
  return fields;
}
