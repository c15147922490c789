import { digestOf } from '../../../shared/digest/canonical-json.ts';
import type { Registration } from '../../../shared/registry/register-version.ts';
import type { VersionDraft } from '../../../shared/registry/version-record.ts';

interface Wanted {
  readonly model?: string;
  /** The model's bytes follow from it, and so does the report. */
  readonly seed?: number | string;
  readonly bytes?: number;
  readonly change?: Partial<VersionDraft>;
  readonly report?: Uint8Array | null;
}

/** A registration as a run on the default branch hands it in. */
export function registration({ model = 'churn', seed = 0, bytes = 64, change, report = defaultReport(seed) }: Wanted = {}): Registration {
  const content = new TextEncoder().encode(`model ${seed} `.repeat(Math.ceil(bytes / 8)).slice(0, bytes) + seed);
  const draft: VersionDraft = {
    model,
    createdAt: '2026-11-21T09:14:03Z',
    trust: 'claimed',
    subject: { digest: digestOf(content), bytes: content.byteLength, format: 'onnx', opset: 21, signature: null },
    source: {
      repositoryId: null,
      repository: 'acme/churn',
      commit: null,
      base: null,
      tree: null,
      pull: null,
      authors: [],
      actors: [],
      builder: 'laptop',
    },
    training: { command: 'python train.py', params: null, seed: 42, environment: null },
    dataset: null,
    evaluation: report && {
      report: digestOf(report),
      decision: digestOf(new TextEncoder().encode('decision')),
      policy: digestOf(new TextEncoder().encode('policy')),
      baseline: null,
      verdict: 'pass',
    },
    attestation: null,
    ...change,
  };
  return { draft, model: content, report };
}

export const versionDraft = (wanted: Wanted = {}): VersionDraft => registration(wanted).draft;

const defaultReport = (seed: number | string) => new TextEncoder().encode(`{"report":"${seed}"}`);
