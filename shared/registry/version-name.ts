import { entryName } from '../config/schema-parts.ts';
import { UserError } from '../errors.ts';

export interface VersionName {
  readonly model: string;
  readonly number: number;
}

/** Reads `churn@v12` or `churn@12`. What it names may not exist. */
export function parseVersionName(written: string): VersionName {
  const at = written.lastIndexOf('@');
  const digits = /^v?([1-9]\d{0,8})$/.exec(written.slice(at + 1))?.[1];
  if (at < 1 || !digits)
    throw new UserError('UNKNOWN_VERSION', `${JSON.stringify(written)} names no version.`, 'Write MODEL@vN, for example churn@v12.');
  return { model: checkedName(written.slice(0, at), 'model'), number: Number(digits) };
}

/** Names of models and stages become paths, keys and branches: nothing else is let through. */
export function checkedName(written: string, what: 'model' | 'stage'): string {
  if (!entryName.safeParse(written).success)
    throw new UserError(
      'INVALID_NAME',
      `${JSON.stringify(written)} is no name of a ${what}.`,
      'Names have a-z, 0-9 and "-", begin with a letter or digit, and are at most 63 characters long.',
    );
  return written;
}
