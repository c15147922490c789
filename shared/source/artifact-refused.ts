import { UserError } from '../errors.ts';

/** @param what - ends the sentence "The artifact …" */
export const artifactRefused = (what: string) =>
  new UserError('ARTIFACT_REFUSED', `The artifact ${what}.`, "Let only Weighin's own actions upload it, and run the workflow again.");
