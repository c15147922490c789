/** A request that is answered with an error: HTTP status, stable code, a sentence, and the field where there is one. Never a value of it. */
export class RefusedRequest extends Error {
  override readonly name = 'RefusedRequest';
  readonly status: number;
  readonly code: string;
  /** `rows[3].age`, where one part of the body is at fault. */
  readonly field: string | undefined;
  /** Seconds after which trying again may help. */
  readonly retryAfter: number | undefined;

  constructor(status: number, code: string, message: string, more: { readonly field?: string; readonly retryAfter?: number } = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.field = more.field;
    this.retryAfter = more.retryAfter;
  }

  /** The body that says so. `error` is a text, as the Open Inference Protocol wants it. */
  body(): { readonly error: string; readonly code: string; readonly field?: string } {
    return { error: this.message, code: this.code, ...(this.field !== undefined && { field: this.field }) };
  }
}
