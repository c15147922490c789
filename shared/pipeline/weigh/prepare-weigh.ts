import type { Contract } from '../../contract/contract.ts';
import type { DatasetManifest } from '../../dataset/manifest.ts';
import { UserError } from '../../errors.ts';
import { type FoundBaseline, findBaseline } from '../find-baseline.ts';
import { prepareDatasetOf } from '../prepare-dataset.ts';
import { splitDigest } from '../register-model.ts';
import type { ModelRun, RunContext } from '../run-context.ts';
import { validateAndOpen } from '../validate-data.ts';
import type { Candidate } from './find-candidate.ts';

export interface PreparedWeigh {
  readonly manifest: DatasetManifest;
  readonly found: FoundBaseline;
}

/**
 * Contract, dataset and baseline, from the head's data by the default branch's rules. Both jobs that have the data do this, each for
 * itself, so that labels never travel. Null where the contract stops.
 * @throws UserError TEST_SET_NOT_FROZEN, STAYS_CLAIMED
 */
export async function prepareWeigh(
  context: RunContext,
  run: ModelRun,
  candidate: Pick<Candidate, 'split' | 'version'>,
  judgedBy: (contract: Contract | null) => Contract | null,
): Promise<PreparedWeigh | null> {
  refuseUnmeasurable(run);
  const validated = await validateAndOpen(context, run, judgedBy);
  if (validated?.result.verdict === 'fail' || validated?.result.verdict === 'error') return null;
  const manifest = await prepareDatasetOf(context, run, validated?.source);
  if (!manifest) throw staysClaimed(run, 'it has no data');
  if (candidate.split !== null && candidate.split !== splitDigest(manifest))
    throw new UserError(
      'TEST_SET_NOT_FROZEN',
      `The rows that ${run.name}@v${candidate.version?.number} was judged on can't be made again: its data or data.split has changed since, so rows that it was trained on could be among the test rows.`,
      'Train and register a new version.',
    );
  return { manifest, found: await findBaseline(context, run) };
}

/** A number or an answer that a script wrote down can't be asked again. */
function refuseUnmeasurable(run: ModelRun): void {
  const { format } = run.config.model;
  if (format === 'metrics' || format === 'predictions') throw staysClaimed(run, `model.format is ${format}`);
  if (run.config.task === 'ranking') throw staysClaimed(run, 'task: ranking is not supported yet');
}

const staysClaimed = ({ name }: ModelRun, why: string) =>
  new UserError(
    'STAYS_CLAIMED',
    `${name} can't be measured: ${why}.`,
    'Give the model itself (format: onnx or command), or promote it with allowClaimed: true on the stage.',
  );
