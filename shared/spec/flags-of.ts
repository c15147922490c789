import type { InputKind, InputSpec } from './action-spec.ts';

/** One flag of the command line. */
export interface Flag {
  /** Without dashes: `fail-on`. */
  readonly name: string;
  readonly kind: InputKind;
  readonly input: InputSpec;
  /** As help shows it: `--fail-on VALUE`, `--[no-]cache`. */
  readonly usage: string;
}

/** The command line's flags of an action's inputs, or of a command's options: names are the same, so are defaults. */
export const flagsOf = (inputs: Readonly<Record<string, InputSpec>>): readonly Flag[] =>
  Object.entries(inputs).map(([name, input]) => {
    const kind = input.kind ?? 'text';
    const placeholder = kind === 'flag' ? '' : (input.placeholder ?? placeholders[kind]);
    const written = input.bare === undefined ? `--${name} ${placeholder}` : `--${name}[=${placeholder}]`;
    return { name, kind, input, usage: kind === 'flag' ? flagUsage(name, input) : written };
  });

/** A flag that is on by itself can only be turned off. */
const flagUsage = (name: string, input: InputSpec) => (input.default === 'true' ? `--no-${name}` : `--${name}`);

const placeholders = { text: 'VALUE', number: 'N', path: 'FILE' } as const;
