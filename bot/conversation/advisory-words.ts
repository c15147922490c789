import type { Identity } from '../../shared/promotion/forge.ts';
import { type Markdown, md } from '../../shared/words/markdown.ts';

/** Without an App nobody can tell this check from one that any branch's workflow posts; every text about promotion says so. */
export const advisoryNote = ({ appId }: Pick<Identity, 'appId'>): Markdown | null =>
  appId !== null
    ? null
    : md`**ADVISORY.** Without a GitHub App, any workflow could post this check: it binds nobody. What holds here are GitHub's own rules: CODEOWNERS on registry/ and required reviews.`;
