/** An action's contract, declared once: `action.yml`, CLI flags, README tables and the reading code are held against it. */
export interface ActionSpec {
  readonly name: string;
  readonly summary: string;
  /** By kebab-case name. */
  readonly inputs: Readonly<Record<string, InputSpec>>;
  readonly outputs: Readonly<Record<string, string>>;
}

/** One input of an action, or one option of a command. */
export interface InputSpec {
  readonly description: string;
  /** `text` where nothing is said; `path` is text that names a file or a folder. */
  readonly kind?: InputKind;
  /** GitHub does not enforce it: `readInputs` does. */
  readonly required?: true;
  /** As text, also of flags (`true`, `false`) and numbers: that is how `action.yml` writes it. */
  readonly default?: string;
  /** The only values that are taken. */
  readonly values?: readonly string[];
  /** On the command line: the value of the option where none is written behind it, so that one takes `--bot=workflow`. */
  readonly bare?: string;
  /** What help shows for the value: `FILE`; the kind decides where nothing is said. */
  readonly placeholder?: string;
}

export type InputKind = 'text' | 'flag' | 'number' | 'path';

/** What `main.ts` receives: a required or defaulted input is there, any other may be missing; a flag is never missing. */
export type Inputs<Spec extends { readonly inputs: Readonly<Record<string, InputSpec>> }> = {
  readonly [Name in keyof Spec['inputs']]: Spec['inputs'][Name] extends { kind: 'flag' }
    ? boolean
    : Spec['inputs'][Name] extends { required: true } | { default: string }
      ? InputValue<Spec['inputs'][Name]>
      : InputValue<Spec['inputs'][Name]> | undefined;
};

type InputValue<Input extends InputSpec> = Input extends { kind: 'number' }
  ? number
  : Input extends { values: readonly (infer Value)[] }
    ? Value
    : string;
