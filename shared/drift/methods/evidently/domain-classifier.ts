import { createRandom } from '../../../statistics/random.ts';

const ROUNDS = 30;
const RATE = 0.5;
const SHRINK = 1e-5;

type Words = ReadonlyMap<number, number>;

/** AUC, on the half of the rows that it did not learn from, of a linear classifier of words: which side is a text from? */
export function domainAuc(
  reference: readonly string[],
  current: readonly string[],
): { readonly auc: number | null; readonly negatives: number; readonly positives: number } {
  const random = createRandom(42);
  const rows = [...reference.map((text) => ({ text, label: 0 })), ...current.map((text) => ({ text, label: 1 }))];
  for (let i = rows.length - 1; i > 0; i--) {
    const other = Math.floor(random.uniform() * (i + 1));
    [rows[i], rows[other]] = [rows[other]!, rows[i]!];
  }
  const half = Math.floor(rows.length / 2);
  const [learnt, judged] = [rows.slice(0, half), rows.slice(half)];
  const weigh = wordWeights(learnt.map(({ text }) => text));
  const examples = learnt.map(({ text, label }) => ({ words: weigh(text), label }));
  const weights = new Map<number, number>();
  let bias = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const rate = RATE / (1 + round / 5);
    for (const { words, label } of examples) {
      const step = rate * (label - 1 / (1 + Math.exp(-(bias + score(words, weights)))));
      for (const [word, value] of words) weights.set(word, (weights.get(word) ?? 0) * (1 - rate * SHRINK) + step * value);
      bias += step * 0.1;
    }
  }
  const scored = judged.map(({ text, label }) => ({ score: score(weigh(text), weights), label })).sort((a, b) => a.score - b.score);
  const positives = scored.filter(({ label }) => label === 1).length;
  const negatives = scored.length - positives;
  return { auc: positives > 0 && negatives > 0 ? areaUnderCurve(scored, positives, negatives) : null, negatives, positives };
}

function score(words: Words, weights: ReadonlyMap<number, number>): number {
  let sum = 0;
  for (const [word, value] of words) sum += value * (weights.get(word) ?? 0);
  return sum;
}

/** (1 + ln count) · (1 + ln((1 + rows)/(1 + rows with it))), unit length; words of more than half of the rows say nothing. */
function wordWeights(texts: readonly string[]): (text: string) => Words {
  const places = new Map<string, number>();
  const seen: number[] = [];
  for (const text of texts)
    for (const word of new Set(wordsOf(text))) {
      const place = places.get(word) ?? places.size;
      places.set(word, place);
      seen[place] = (seen[place] ?? 0) + 1;
    }
  return (text) => {
    const counts = new Map<number, number>();
    for (const word of wordsOf(text)) {
      const place = places.get(word);
      if (place !== undefined && seen[place]! <= texts.length / 2) counts.set(place, (counts.get(place) ?? 0) + 1);
    }
    let length = 0;
    for (const [place, count] of counts) {
      const value = (1 + Math.log(count)) * (1 + Math.log((1 + texts.length) / (1 + seen[place]!)));
      counts.set(place, value);
      length += value * value;
    }
    for (const [place, value] of counts) counts.set(place, value / Math.sqrt(length));
    return counts;
  };
}

const wordsOf = (text: string): readonly string[] => text.toLowerCase().match(/[\p{L}\p{N}_]{2,}/gu) ?? [];

/** Sorted by score; ties count half. */
function areaUnderCurve(rows: readonly { score: number; label: number }[], positives: number, negatives: number): number {
  let wins = 0;
  for (let start = 0, below = 0; start < rows.length; ) {
    let end = start;
    let tied = 0;
    while (end < rows.length && rows[end]!.score === rows[start]!.score) tied += 1 - rows[end++]!.label;
    wins += (end - start - tied) * (below + tied / 2);
    below += tied;
    start = end;
  }
  return wins / (positives * negatives);
}
