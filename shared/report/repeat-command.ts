import { shortCommit } from '../words/format-number.ts';
import type { Report } from './report.ts';

/** What to type to get this report again. */
export function repeatCommand({ model, source }: Pick<Report, 'model' | 'source'>): string {
  return `npx weighin run ${model}${source.commit === null || source.dirty ? '' : ` --commit ${shortCommit(source.commit)}`}`;
}
