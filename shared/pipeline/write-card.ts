import { assembleReport } from './assemble-report.ts';
import type { RunContext } from './run-context.ts';

/** Step 6: the model card of the last run. A card tells the verdict, so the report is assembled with it. */
export async function writeCard(context: RunContext, model: string): Promise<{ readonly missing: readonly string[] }> {
  return { missing: (await assembleReport(context, model)).card?.missing ?? [] };
}
