import { UserError } from '../../errors.ts';
import { nameOfVersion, type ServedVersion } from '../engine/traffic.ts';

/** What names in braces stand for. All of it is checked elsewhere to be of `a-z`, `0-9` and `-`, so that it is safe in addresses and shells. */
export interface NamedVersion {
  readonly model: string;
  readonly stage: string;
  readonly version: ServedVersion;
}

/**
 * Fills `{version}` (v12), `{number}` (12), `{digest}` (64 hex digits, without `sha256:`), `{model}` and `{stage}` into a text of
 * weighin.yaml. Braces around anything but a word are left alone (JSON in a command).
 * @param where of the text, for people: `target.server of rollouts.careful`.
 * @throws UserError NAME_UNKNOWN
 */
export function fillNames(text: string, { model, stage, version }: NamedVersion, where: string): string {
  const values: Readonly<Record<string, string>> = {
    version: nameOfVersion(version),
    number: String(version.number),
    digest: version.digest.replace(/^sha256:/, ''),
    model,
    stage,
  };
  return text.replace(/\{([A-Za-z_][\w.-]*)\}/g, (_, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value !== undefined) return value;
    throw new UserError(
      'NAME_UNKNOWN',
      `${where} has {${name}}, which stands for nothing.`,
      'There are {version}, {number}, {digest}, {model} and {stage}. A variable of the shell is written $NAME here, without braces.',
    );
  });
}
