import type { Progress } from '../shared/pipeline/progress.ts';
import type { InputSpec, Inputs } from '../shared/spec/action-spec.ts';
import type { Colors } from './colors.ts';

/** A command, declared once: its arguments are read and its help is written from this. */
export interface CommandSpec {
  readonly name: string;
  /** One line, as the list of commands shows it. */
  readonly summary: string;
  /** Paragraphs: what it does, what it reads and what it leaves. */
  readonly description: readonly string[];
  readonly positionals?: readonly PositionalSpec[];
  /** By kebab-case name. An action's inputs fit here as they are. */
  readonly options: Readonly<Record<string, InputSpec>>;
  readonly examples: readonly { readonly command: string; readonly does: string }[];
  /** What the codes mean for this command, where it says more than `exitCodes`. */
  readonly exits?: Readonly<Partial<Record<ExitCode, string>>>;
}

export interface PositionalSpec {
  readonly name: string;
  readonly description: string;
  readonly required?: true;
  /** Takes all that are left: always an array. */
  readonly many?: true;
}

/** 0 pass, warn, inconclusive or advise · 1 the verdict is fail · 2 the user's mistake · 3 the surroundings'. */
export type ExitCode = 0 | 1 | 2 | 3;

/** What `run` receives: options and positionals by name, typed by the spec. */
export type Arguments<Spec extends CommandSpec> = Inputs<{ inputs: Spec['options'] }> & Positionals<Spec>;

type Positionals<Spec extends CommandSpec> = Spec extends { positionals: readonly (infer Each extends PositionalSpec)[] }
  ? {
      readonly [One in Each as One['name']]: One extends { many: true }
        ? readonly string[]
        : One extends { required: true }
          ? string
          : string | undefined;
    }
  : unknown;

/** The world as a command sees it; tests give their own. */
export interface CommandIo {
  /** Absolute; what paths on the command line are relative to. */
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `--config`, as it was typed. */
  readonly configFile: string;
  readonly version: string;
  readonly colors: Colors;
  /** Columns of the terminal; 80 where there is none. */
  readonly columns: number;
  /** On stderr; silent with `--quiet`. */
  readonly progress: Progress;
  /** `--json` was given: people read nothing on stdout, unless it went to a file. */
  readonly wantsJson: boolean;
  /** Text for people, on stdout. A line break is added. Nothing is written where stdout carries JSON. */
  print(text: string): void;
  /** The machine-readable result, to stdout or to the file that `--json` names; nothing where it was not asked for. */
  writeJson(value: unknown): Promise<void>;
}

/** What a file under `commands/` exports. */
export interface CommandModule {
  readonly command: CommandSpec;
  /** The arguments are what `command` declares: `Arguments<typeof command>`. */
  run(args: never, io: CommandIo): Promise<ExitCode>;
}

/** Flags that every command takes. */
export const globalOptions = {
  config: { description: 'The configuration.', kind: 'path', default: 'weighin.yaml' },
  json: { description: 'Write the result as JSON: to OUT, or to stdout for `--json` alone and `--json -`.', placeholder: '[OUT]' },
  quiet: { description: 'No progress; errors and the result only.', kind: 'flag' },
  color: { description: 'No colours; NO_COLOR does the same.', kind: 'flag', default: 'true' },
  help: { description: 'This help.', kind: 'flag' },
} as const satisfies Readonly<Record<string, InputSpec>>;
