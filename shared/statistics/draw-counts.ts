import type { Random } from './random.ts';

/** From this size on counts are made row by row instead of draw by draw. */
const LARGE = 4096;

/**
 * Draws `size` of `size` items with replacement and writes how often each was drawn into `counts`, from `offset`. The generator
 * (sfc32) stands inline: a call a row would double the time of a bootstrap.
 */
export function drawCounts(random: Random, counts: Uint8Array, offset: number, size: number): void {
  counts.fill(0, offset, offset + size);
  if (size < LARGE) addDraws(random, counts, offset, size, size);
  else {
    // Independent Poisson counts, given their sum, are a multinomial; further draws on top make it one of `size` draws, exactly.
    // A mean a little below 1 leaves some draws to make: 8 standard deviations, so that the sum is never too large.
    const mean = 1 - 8 / Math.sqrt(size);
    let drawn = fillPoisson(random, counts, offset, size, poissonTable(mean));
    while (drawn > size) {
      counts.fill(0, offset, offset + size);
      drawn = fillPoisson(random, counts, offset, size, poissonTable(mean));
    }
    addDraws(random, counts, offset, size, size - drawn);
  }
}

/** Scaling 32 bits to an index is biased by at most size/2³² a row, far below what any number of resamples can show. */
function addDraws(random: Random, counts: Uint8Array, offset: number, size: number, draws: number): void {
  let a = random.uint32() | 0;
  let b = random.uint32() | 0;
  let c = random.uint32() | 0;
  let counter = 1;
  const scale = size / 4294967296;
  for (let i = 0; i < draws; i++) {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    counts[offset + (((result >>> 0) * scale) | 0)]! += 1;
  }
}

interface PoissonTable {
  /** Count of each 12-bit number, or UNSURE where the boundary of two counts lies within it. */
  readonly quick: Uint8Array;
  /** P(X ≤ k). */
  readonly cumulative: readonly number[];
}
const UNSURE = 255;
const tables = new Map<number, PoissonTable>();

function poissonTable(mean: number): PoissonTable {
  const known = tables.get(mean);
  if (known) return known;
  const cumulative: number[] = [];
  let probability = Math.exp(-mean);
  for (let k = 0, sum = 0; k < 40; k++) {
    sum += probability;
    cumulative.push(sum);
    probability *= mean / (k + 1);
  }
  const countOf = (u: number) => cumulative.findIndex((edge) => u < edge);
  const quick = Uint8Array.from({ length: 4096 }, (_, i) => {
    const low = countOf(i / 4096);
    return low >= 0 && countOf((i + 1) / 4096 - 2 ** -53) === low ? low : UNSURE;
  });
  const table = { quick, cumulative };
  tables.set(mean, table);
  return table;
}

/** One count a row by inversion, two rows for 32 random bits; a boundary takes 32 bits more. Returns the sum. */
function fillPoisson(random: Random, counts: Uint8Array, offset: number, size: number, { quick, cumulative }: PoissonTable): number {
  let a = random.uint32() | 0;
  let b = random.uint32() | 0;
  let c = random.uint32() | 0;
  let counter = 1;
  let sum = 0;
  const end = offset + size;
  for (let row = offset; row < end; row += 2) {
    const result = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + result) | 0;
    const first = result >>> 20;
    let count = quick[first]!;
    if (count === UNSURE) count = atBoundary(random, first, cumulative);
    counts[row] = count;
    sum += count;
    if (row + 1 === end) break;
    const second = (result >>> 4) & 0xfff;
    count = quick[second]!;
    if (count === UNSURE) count = atBoundary(random, second, cumulative);
    counts[row + 1] = count;
    sum += count;
  }
  return sum;
}

function atBoundary(random: Random, bits: number, cumulative: readonly number[]): number {
  const u = (bits + random.uint32() / 4294967296) / 4096;
  const count = cumulative.findIndex((edge) => u < edge);
  return count < 0 ? cumulative.length : count;
}
