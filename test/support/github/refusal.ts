/** An answer that is no success: thrown wherever it becomes clear, sent as GitHub writes it. */
export class Refusal extends Error {
  readonly status: number;
  readonly details: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: number,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
    headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
    this.status = status;
    this.details = details;
    this.headers = headers;
  }

  body(): Record<string, unknown> {
    return { message: this.message, ...this.details, documentation_url: 'https://docs.github.com/rest', status: String(this.status) };
  }
}

export const notFound = (): Refusal => new Refusal(404, 'Not Found');

/** 422 as the validation of a field says it. */
export const invalid = (resource: string, field: string, code: string, message?: string): Refusal =>
  new Refusal(422, 'Validation Failed', { errors: [{ resource, field, code, ...(message === undefined ? {} : { message }) }] });

export const notAccessible = (permission: string): Refusal =>
  new Refusal(403, 'Resource not accessible by integration', {}, { 'x-accepted-github-permissions': permission });
