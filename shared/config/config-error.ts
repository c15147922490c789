import { UserError } from '../errors.ts';
import type { ConfigProblem } from './parse-yaml.ts';

/** Everything that is wrong with the configuration at once: mending it one error a run is no way to live. */
export class ConfigError extends UserError {
  /** In file order. */
  readonly problems: readonly ConfigProblem[];

  constructor(problems: readonly ConfigProblem[]) {
    const sorted = [...problems].sort(
      (a, b) =>
        a.location.file.localeCompare(b.location.file) ||
        (a.location.line ?? 0) - (b.location.line ?? 0) ||
        (a.location.column ?? 0) - (b.location.column ?? 0),
    );
    const [first] = sorted;
    const codes = new Set(sorted.map((problem) => problem.code));
    super(
      codes.size === 1 && first ? first.code : 'CONFIG_INVALID',
      sorted.map((problem) => `${showLocation(problem)} ${problem.message}`).join('\n'),
      sorted.length === 1
        ? 'Mend this line and run `weighin plan`, which reads the file and nothing else.'
        : 'Mend these lines and run `weighin plan`, which reads the file and nothing else.',
      first?.location,
    );
    this.problems = sorted;
  }
}

const showLocation = ({ location: { file, line, column } }: ConfigProblem) =>
  [file, line, column].filter((part) => part !== undefined).join(':');
