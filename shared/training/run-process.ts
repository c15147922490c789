/** A team's own command: a line for the shell, with an environment that holds nothing but what is listed. */
export interface ProcessRequest {
  readonly command: string;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** For its standard input, which is empty otherwise. */
  readonly input?: string;
  /** Every line of both streams as it comes, without its line end. Escape sequences and control characters are taken out. */
  readonly onLine: (line: string) => void;
}

export interface ProcessOutcome {
  /** null where a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly timedOut: boolean;
  readonly seconds: number;
}

/**
 * Runs a command to its end; `shared/adapters/process/` implements it. After `timeoutMs`, or when this process is told to stop,
 * the command and everything it started is ended. Never throws for what the command does.
 */
export type RunProcess = (request: ProcessRequest) => Promise<ProcessOutcome>;
