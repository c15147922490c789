/** What does not hold, or comes late, where the bot runs as a workflow. Said in every run, so that nobody takes it for a server. */
export function advisoryLines({ app }: { readonly app: boolean }): readonly string[] {
  return [
    ...(app
      ? []
      : [
          'Promotion is advisory: with the workflow’s own token any workflow of a branch can post weighin/promotion. What holds are reviews by CODEOWNERS on registry/** and the reviewers of environments.',
          'Merges and tags by this token start no other workflow, pull requests that it opens wait for "Approve workflows to run", and it reads no teams.',
        ]),
    'The bot looks when something starts it, and every 15 minutes at best: GitHub delays and drops scheduled runs.',
    'It does not see merge queues: with one, require weighin/promotion only where a server runs the bot.',
  ];
}
