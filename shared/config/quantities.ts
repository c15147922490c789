const milliseconds = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** Milliseconds of a duration as somebody typed it: `30s`, `1.5h`, `7d`; null where it is none. */
export function readDuration(text: string): number | null {
  const [, amount, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h|d|w)$/.exec(text) ?? [];
  return amount && unit ? Number(amount) * milliseconds[unit as keyof typeof milliseconds] : null;
}

/** Milliseconds of a duration that the schema has let through. */
export function parseDuration(text: string): number {
  const found = readDuration(text);
  if (found === null) throw new RangeError(`Not a duration: ${text}`);
  return found;
}

const multiples = { B: 1, kB: 1e3, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 } as const;

/** Bytes of a size that the schema has let through: 52428800, `50MB` (decimal), `50 MiB` (binary). A number stays what it is. */
export function parseBytes(size: number | string): number {
  if (typeof size === 'number') return size;
  const [, amount, unit] = /^(\d+(?:\.\d+)?)\s*(B|kB|KB|MB|GB|KiB|MiB|GiB)$/.exec(size) ?? [];
  if (!amount || !unit) throw new RangeError(`Not a size: ${size}`);
  return Number(amount) * multiples[unit as keyof typeof multiples];
}

/** `2 of 3`, as the schema has let it through. */
export function parseAgreement(text: string): { readonly k: number; readonly m: number } {
  const [, k, m] = /^(\d+) of (\d+)$/.exec(text) ?? [];
  if (!k || !m) throw new RangeError(`Not an agreement: ${text}`);
  return { k: Number(k), m: Number(m) };
}
