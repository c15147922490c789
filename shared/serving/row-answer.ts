/** What a row gets back. */
export interface RowAnswer {
  readonly score: number | null;
  readonly prediction: string | number | null;
  readonly decision?: string;
  readonly model_version: string;
  /** From the request's arrival, milliseconds. */
  readonly latency_ms: number;
  readonly id: string;
  readonly degraded?: true;
}
