/** A place in a file that the user wrote. Lines and columns count from 1. */
export interface SourceLocation {
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
}

/** The user can mend it: wrong config, missing file, impossible request. Exit code 2. */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable, for scripts and tests: `GATE_UNKNOWN_METRIC`. */
  readonly code: string;
  /** What to do now. */
  readonly hint: string;
  readonly location: SourceLocation | undefined;

  constructor(code: string, message: string, hint: string, location?: SourceLocation) {
    super(message);
    this.code = code;
    this.hint = hint;
    this.location = location;
  }
}

/** The surroundings failed: network, disk, another service. Trying again may help. Exit code 3. */
export class InfrastructureError extends Error {
  override readonly name = 'InfrastructureError';
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
