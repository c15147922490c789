/** What a person asked for and does not get: a stable code, one sentence, and what would change it. */
export interface Refusal {
  readonly allowed: false;
  readonly code: string;
  readonly message: string;
  readonly next: string;
}

export const refuse = (code: string, message: string, next: string): Refusal => ({ allowed: false, code, message, next });
