import { z } from 'zod';
import { readManifest } from '../../../../shared/rollout/targets/manifest-file.ts';

const schema = z.object({
  spec: z.object({ predictor: z.object({ canaryTrafficPercent: z.number().optional(), onnx: z.object({ storageUri: z.string() }) }) }),
});

interface Revision {
  readonly uri: string;
  readonly name: string;
}

/**
 * What KServe's serverless mode makes of an InferenceService, as its controller and Knative do (`ksvc_reconciler.go`, `PropagateStatus`):
 * the latest revision that is ready gets `canaryTrafficPercent`, the rest goes to the last one that had everything; without the field the
 * latest ready one has everything. A new revision is made when the pods' template changes, and is ready some time later.
 */
export function openKnative() {
  let created: Revision | null = null;
  let ready: Revision | null = null;
  let rolledOut: Revision | null = null;
  let rolledOutBefore: Revision | null = null;
  let percent: number | undefined;
  let count = 0;
  const traffic = (): Record<string, number> => {
    if (!ready) return {};
    const shares: Record<string, number> = {};
    const add = ({ uri }: Revision, share: number) => {
      shares[uri] = (shares[uri] ?? 0) + share;
    };
    if (percent !== undefined && rolledOut) {
      add(ready, percent);
      if (percent < 100) add(rolledOut, 100 - percent);
    } else add(ready, 100);
    return Object.fromEntries(Object.entries(shares).filter(([, share]) => share > 0));
  };
  function reconcile() {
    // Its status follows its traffic, and its traffic its status.
    for (let round = 0; round < 3; round++) {
      const all = percent === undefined || !rolledOut ? 100 : percent;
      if (ready && rolledOut?.name !== ready.name) {
        if (all === 100) [rolledOutBefore, rolledOut] = [rolledOut, ready];
      } else if (ready && ready.name === created?.name && all < 100 && rolledOutBefore) rolledOut = rolledOutBefore;
    }
  }
  return {
    apply(text: string) {
      const [value] = readManifest({ file: 'churn.yaml', text }).values;
      const { predictor } = schema.parse(value).spec;
      percent = predictor.canaryTrafficPercent;
      if (created?.uri !== predictor.onnx.storageUri) created = { uri: predictor.onnx.storageUri, name: `${++count}` };
      reconcile();
      return traffic();
    },
    /** Its pods have loaded the model. */
    becomeReady() {
      ready = created;
      reconcile();
      return traffic();
    },
  };
}
