import type { RegisteredTeam } from './registered-team.ts';

export interface Act {
  readonly name: string;
  /** What people do. */
  readonly does: () => unknown;
}

/** A version to production, the next one, and back: each act needs what the bot made of those before. */
export function promotionStory(team: RegisteredTeam): readonly Act[] {
  const { github } = team;
  const issue = github.openIssue({ title: 'Release', by: 'anna' }).number;
  const say = (body: string, by: string) => () => github.comment(issue, body, by);
  const approve = () => github.review(team.promotionPull(), 'dora', 'APPROVED');
  const merge = (by: string) => () => github.mergePull(team.promotionPull(), by);
  return [
    { name: 'a training pull request', does: () => openTraining(team) },
    { name: '/promote v1', does: say('/promote churn@v1 production', 'anna') },
    { name: 'approve v1', does: approve },
    { name: 'merge v1', does: merge('ben') },
    { name: '/promote v2', does: say('/promote churn@v2 production --reason "better"', 'anna') },
    { name: 'approve v2', does: approve },
    { name: 'merge v2', does: merge('ben') },
    { name: '/rollback', does: say('/rollback churn production --reason "latency"', 'ben') },
    { name: 'approve the revert', does: approve },
    { name: 'merge the revert', does: merge('anna') },
  ];
}

/** What does not come to production: given up, asked for anew, held, merged all the same, and refused at its start. */
export function refusalStory(team: RegisteredTeam): readonly Act[] {
  const { github } = team;
  const issue = github.openIssue({ title: 'Release', by: 'anna' }).number;
  const pull = () => team.promotionPull();
  return [
    ...promotionStory(team).slice(1, 4),
    { name: '/promote v2', does: () => github.comment(issue, '/promote churn@v2 production', 'anna') },
    { name: '/weighin cancel', does: () => github.comment(pull(), '/weighin cancel', 'anna') },
    { name: '/promote v2 again', does: () => github.comment(issue, '/promote churn@v2 production', 'anna') },
    { name: 'approve it', does: () => github.review(pull(), 'dora', 'APPROVED') },
    { name: '/weighin hold', does: () => github.comment(issue, '/weighin hold churn production --reason "audit"', 'ben') },
    { name: 'merge it all the same', does: () => github.mergePull(pull(), 'ben') },
  ];
}

function openTraining({ github }: RegisteredTeam) {
  github.git.commit({ branch: 'features', base: 'main', files: { 'train.py': 'print(2)\n' }, by: 'alice' });
  github.openPull({ branch: 'features', title: 'More features', by: 'alice' });
}
