import { digestOfDocument } from '../digest/canonical-json.ts';
import { type Profile, type ProfileCell, profileSchemaName } from './profile.ts';

/** What a profile says, before its order, its rows and its digest are put in. */
export type UnsealedProfile = Omit<Profile, 'schema' | 'digest' | 'rows'>;

/** The one document that says this: cells in their order, rows counted, the digest of it all. */
export function sealProfile(unsealed: UnsealedProfile): Profile {
  const { privacy, by, window, columns } = unsealed;
  const document = {
    schema: profileSchemaName,
    privacy,
    rows: unsealed.cells.reduce((sum, cell) => sum + cell.rows, 0),
    by,
    window,
    columns,
    cells: [...unsealed.cells].sort(byPlace),
  } as const;
  return { ...document, digest: digestOfProfile(document) };
}

/** Over everything but the digest itself. */
export function digestOfProfile(profile: Omit<Profile, 'digest'> & { readonly digest?: string }): string {
  const { digest: _, ...rest } = profile;
  return digestOfDocument(rest);
}

function byPlace(a: ProfileCell, b: ProfileCell): number {
  const window = compareWindows(a.window, b.window);
  if (window !== 0) return window;
  for (const [index, value] of a.segment.entries()) {
    const order = compareTexts(value, b.segment[index] ?? null);
    if (order !== 0) return order;
  }
  return 0;
}

/** By time; a year beyond 9999 has a sign, so that texts would not do. Rows without a time first. */
function compareWindows(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return Date.parse(a) - Date.parse(b);
}

/** In byte order, a missing value first. */
function compareTexts(a: string | null, b: string | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
