import type { Report } from './report.ts';

/** What to type, on the commit that the report names, to get it again. */
export const repeatCommand = ({ model }: Pick<Report, 'model'>): string => `npx weighin run ${model}`;
