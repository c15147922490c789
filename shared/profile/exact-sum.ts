/** integer * 2^exponent: a sum of doubles, or of their squares, without any rounding. */
export interface ExactSum {
  readonly integer: bigint;
  readonly exponent: number;
}

export const noSum: ExactSum = { integer: 0n, exponent: 0 };

const double = new Float64Array(1);
const bits = new BigUint64Array(double.buffer);

/** A finite double as integer * 2^exponent. */
export function exactDouble(x: number): ExactSum {
  double[0] = x;
  const pattern = bits[0]!;
  const field = Number((pattern >> 52n) & 0x7ffn);
  const fraction = pattern & 0xf_ffff_ffff_ffffn;
  const integer = field === 0 ? fraction : fraction | (1n << 52n);
  return { integer: x < 0 ? -integer : integer, exponent: Math.max(field, 1) - 1_075 };
}

export function addExact(a: ExactSum, b: ExactSum): ExactSum {
  if (a.integer === 0n) return b;
  if (b.integer === 0n) return a;
  const exponent = Math.min(a.exponent, b.exponent);
  return {
    integer: (a.integer << BigInt(a.exponent - exponent)) + (b.integer << BigInt(b.exponent - exponent)),
    exponent,
  };
}

/** Adds by exponent first, so that long integers are touched once an octave. */
export function sumExact(terms: Iterable<ExactSum>): ExactSum {
  const byExponent = new Map<number, bigint>();
  for (const { integer, exponent } of terms) byExponent.set(exponent, (byExponent.get(exponent) ?? 0n) + integer);
  let sum = noSum;
  for (const [exponent, integer] of byExponent) sum = addExact(sum, { integer, exponent });
  return sum;
}

/** `<odd integer>p<exponent>`, or `0p0`: one text a value. */
export function exactSumText({ integer, exponent }: ExactSum): string {
  if (integer === 0n) return '0p0';
  let odd = integer;
  let power = exponent;
  for (; (odd & 0xffff_ffffn) === 0n; power += 32) odd >>= 32n;
  for (; (odd & 1n) === 0n; power++) odd >>= 1n;
  return `${odd}p${power}`;
}

/** Of a text that `exactSumSchema` let through. */
export function parseExactSum(text: string): ExactSum {
  const at = text.indexOf('p');
  return { integer: BigInt(text.slice(0, at)), exponent: Number(text.slice(at + 1)) };
}

/** sum / n, rounded once to the nearest double (half to even). */
export const meanOfSum = (sum: ExactSum, n: number): number => nearestDouble(sum, BigInt(n));

/** (sum of squares - sum^2 / n) / (n - ddof), rounded once; NaN where n <= ddof. */
export function varianceOfSums(sum: ExactSum, squares: ExactSum, n: number, ddof: 0 | 1): number {
  return n <= ddof ? Number.NaN : nearestDouble(spread(sum, squares, n), BigInt(n) * BigInt(n - ddof));
}

/** The sum of squared distances from the mean, rounded once. */
export const secondMoment = (sum: ExactSum, squares: ExactSum, n: number): number =>
  n === 0 ? 0 : nearestDouble(spread(sum, squares, n), BigInt(n));

/** n * squares - sum^2. */
function spread(sum: ExactSum, squares: ExactSum, n: number): ExactSum {
  return addExact(
    { integer: squares.integer * BigInt(n), exponent: squares.exponent },
    { integer: -(sum.integer * sum.integer), exponent: sum.exponent * 2 },
  );
}

/** The double nearest to value / divisor, half to even, subnormals too; infinite beyond the largest. */
export function nearestDouble(value: ExactSum, divisor = 1n): number {
  if (value.integer === 0n) return 0;
  const magnitude = value.integer < 0n ? -value.integer : value.integer;
  // The quotient's unit: two bits finer than the last bit of the result at most, so the leading bit decides it.
  const leading = bitLength(magnitude) - bitLength(divisor) + value.exponent;
  let unit = Math.max(leading - 53, -1_074);
  let { quotient, rest } = divide(magnitude, divisor, value.exponent - unit);
  if (bitLength(quotient) > 53) {
    unit += 1;
    ({ quotient, rest } = divide(magnitude, divisor, value.exponent - unit));
  }
  if (rest > 0 || (rest === 0 && (quotient & 1n) === 1n)) quotient += 1n;
  // 2^unit may itself be subnormal; the product of the two steps is exact, since the quotient has at most 53 bits of that unit.
  const half = Math.trunc(unit / 2);
  const result = Number(quotient) * 2 ** half * 2 ** (unit - half);
  return value.integer < 0n ? -result : result;
}

/** floor(a * 2^shift / b), and whether what is left is less than, equal to or more than half of b (-1, 0, 1). */
function divide(a: bigint, b: bigint, shift: number): { quotient: bigint; rest: number } {
  const dividend = shift >= 0 ? a << BigInt(shift) : a;
  const divisor = shift >= 0 ? b : b << BigInt(-shift);
  const quotient = dividend / divisor;
  const twice = (dividend - quotient * divisor) * 2n;
  return { quotient, rest: twice < divisor ? -1 : twice === divisor ? 0 : 1 };
}

function bitLength(integer: bigint): number {
  const hex = integer.toString(16);
  return hex.length * 4 - Math.clz32(Number.parseInt(hex[0]!, 16)) + 28;
}
