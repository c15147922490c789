import type { DatasetManifest } from '../../dataset/manifest.ts';
import { UserError } from '../../errors.ts';
import { nearestName } from '../../spec/nearest-name.ts';
import type { Notice } from '../../verdict/notice.ts';

export interface ChosenColumns {
  /** Numbers, integers and booleans (0 and 1). */
  readonly numeric: readonly string[];
  /** Text, and whole numbers that are to be read as categories. */
  readonly categorical: readonly { readonly name: string; readonly of: 'text' | 'number' }[];
  readonly notices: readonly Notice[];
}

type Feature = DatasetManifest['features'][number];

/** Which features a linear model can read, and how. Throws `FEATURE_UNKNOWN`, `NO_FEATURES`. */
export function chooseColumns(
  features: readonly Feature[],
  wanted: readonly string[] | undefined,
  categorical: readonly string[],
): ChosenColumns {
  const names = features.map(({ name }) => name);
  for (const name of [...(wanted ?? []), ...categorical]) {
    if (names.includes(name)) continue;
    const near = nearestName(name, names);
    throw new UserError(
      'FEATURE_UNKNOWN',
      `training names the column ${name}, which is not a feature of the dataset.`,
      near ? `Did you mean ${near}?` : `Features are ${names.join(', ')}.`,
    );
  }
  const used = features.filter(({ name }) => !wanted || wanted.includes(name));
  const times = used.filter(({ type }) => type === 'timestamp' || type === 'date').map(({ name }) => name);
  const readable = used.filter(({ name }) => !times.includes(name));
  if (readable.length === 0) {
    throw new UserError(
      'NO_FEATURES',
      'There is no number and no text among the features, so nothing to learn from.',
      'Check training.features and data.exclude.',
    );
  }
  const asCategory = ({ name, type }: Feature) => type === 'text' || categorical.includes(name);
  return {
    numeric: readable.filter((feature) => !asCategory(feature)).map(({ name }) => name),
    categorical: readable.filter(asCategory).map(({ name, type }) => ({ name, of: type === 'text' ? 'text' : 'number' })),
    notices:
      times.length === 0
        ? []
        : [
            {
              code: 'FEATURES_LEFT_OUT',
              message: `logistic-regression does not read times: ${times.join(', ')} left out. Derive numbers from them (hour, weekday, age) to use them.`,
            },
          ],
  };
}
