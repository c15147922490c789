import { z } from 'zod';
import type { ModelConfig, StageConfig } from '../config/schema.ts';
import { InfrastructureError, UserError } from '../errors.ts';
import type { Notice } from '../verdict/notice.ts';
import type { VersionRecord } from './version-record.ts';

export interface PromotionToCheck {
  readonly record: VersionRecord;
  /** report.json's bytes, verified; null where the version was never evaluated. */
  readonly report: Uint8Array | null;
  readonly stage: string;
  readonly stageConfig: StageConfig;
  readonly modelConfig: ModelConfig;
  /** Whether these model bytes are, or were, at the stage that `after:` names; true without `after:`. */
  readonly wasAtStageBefore: boolean;
}

/**
 * Whether a version may be put up for a stage, by what is known without a forge: its verdict, its order, whose word it is.
 * Approvals, soak, holds and freezes are looked at where the pull request is merged.
 * @throws UserError VERDICT_NOT_PASS, NOT_EVALUATED, ORDER_NOT_KEPT, BUILDER_NOT_ACCEPTED, CLAIMED_NOT_ALLOWED.
 */
export function checkPromotion({ record, report, stage, stageConfig, modelConfig, wasAtStageBefore }: PromotionToCheck): readonly Notice[] {
  const name = `${record.model}@v${record.number}`;
  const { evaluation, source, trust } = record;
  if (!evaluation)
    throw new UserError(
      'NOT_EVALUATED',
      `${name} was never evaluated, so nothing says that it may go to ${stage}.`,
      `Adopt it into ${stage} if it runs there already (\`weighin adopt\`); otherwise run and register it.`,
    );
  if (!mayPromote(evaluation.verdict, modelConfig, stageConfig))
    throw new UserError(
      'VERDICT_NOT_PASS',
      `${name} has the verdict ${evaluation.verdict}${namedGates(report, evaluation.verdict)}; ${stage} takes ${takes(modelConfig, stageConfig)}.`,
      `\`weighin show ${name}\` says why. Promote a version that passes, or mend this one and register it again.`,
    );
  if (stageConfig.after !== undefined && !wasAtStageBefore)
    throw new UserError(
      'ORDER_NOT_KEPT',
      `${name} has not been at ${stageConfig.after}, which comes before ${stage}.`,
      `First: \`weighin promote ${name} ${stageConfig.after}\`.`,
    );
  if (stageConfig.builders && !stageConfig.builders.includes(source.builder))
    throw new UserError(
      'BUILDER_NOT_ACCEPTED',
      `${name} was registered by ${source.builder}; ${stage} takes the word of ${stageConfig.builders.join(', ')}.`,
      `Register it there, or add ${source.builder} to models.${record.model}.stages.${stage}.builders.`,
    );
  if (trust === 'measured') return [];
  if (record.subject.format === 'metrics' && !stageConfig.allowClaimed)
    throw new UserError(
      'CLAIMED_NOT_ALLOWED',
      `The metrics of ${name} are its own script's, never measured.`,
      `Let Weighin score the model, or set \`allowClaimed: true\` on models.${record.model}.stages.${stage}.`,
    );
  return [
    {
      code: 'CLAIMED_EVIDENCE',
      message: `The evidence for ${name} is claimed: it was made where the training's own code ran. Its reviewer decides.`,
    },
  ];
}

type Verdict = NonNullable<VersionRecord['evaluation']>['verdict'];

function mayPromote(verdict: Verdict, model: ModelConfig, stage: StageConfig): boolean {
  if (verdict === 'pass') return true;
  if (stage.requires === 'pass' || verdict === 'fail' || verdict === 'error') return false;
  return verdict === 'warn' || model.evaluation.defaults.onInconclusive !== 'fail';
}

const takes = (model: ModelConfig, stage: StageConfig) =>
  stage.requires === 'pass'
    ? 'pass alone'
    : model.evaluation.defaults.onInconclusive === 'fail'
      ? 'pass or warn'
      : 'pass, warn or inconclusive';

const reportWithGates = z.looseObject({ gates: z.array(z.looseObject({ id: z.string(), status: z.string() })) });

/** The gates whose status is the verdict: a verdict is the worst of them. */
function namedGates(report: Uint8Array | null, verdict: Verdict): string {
  if (!report) return '';
  const parsed = reportWithGates.safeParse(parseReport(report));
  const gates = parsed.success ? parsed.data.gates.filter(({ status }) => status === verdict).map(({ id }) => id) : [];
  const more = gates.length > 5 ? ` and ${gates.length - 5} more` : '';
  return gates.length > 0 ? ` (${gates.slice(0, 5).join(', ')}${more})` : '';
}

/** The bytes were verified by their digest, so what is no JSON was stored so. */
export function parseReport(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw new InfrastructureError(
      'RECORD_CORRUPT',
      'The report of the version is no JSON, although its digest is right: it was stored damaged.',
      {
        cause,
      },
    );
  }
}
