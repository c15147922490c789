import type { Pull } from '../github/state.ts';
import { openRegisteredTeam, type RegisteredTeam, type TeamOptions } from './registered-team.ts';
import { type RunningBotProcess, runBot } from './run-bot.ts';

export interface AttackedTeam extends RegisteredTeam {
  readonly bot: RunningBotProcess;
  /** Where commands are written that belong to no pull request. */
  readonly desk: number;
  /** anna asks for a version at a stage; the pull request that the bot opened. */
  ask(stage: string, version?: number): Promise<number>;
  /** The newest pull request of a stage's promotion; 0 where there is none. */
  pullOf(stage: string): number;
  /** What `weighin/promotion` says on a pull request's head. */
  verdict(number: number): { readonly conclusion: string | null; readonly summary: string };
  /** The last that the bot wrote on a pull request or issue. */
  said(number: number): string;
  live(stage: string): unknown;
  close(): Promise<void>;
}

/** A registered team with stages of these names, which ask for one approval each, and the built server beside it. */
export async function openAttackedTeam(
  stages: readonly string[] | Readonly<Record<string, object>>,
  options: Omit<TeamOptions, 'stages'> & { readonly env?: Readonly<Record<string, string>> } = {},
): Promise<AttackedTeam> {
  const { env, ...rest } = options;
  const named = Array.isArray(stages) ? Object.fromEntries(stages.map((stage) => [stage, { approvals: 1 }])) : (stages as object);
  // The baseline is what production runs.
  const team = await openRegisteredTeam({ ...rest, stages: { production: { approvals: 1 }, ...named } });
  const { github } = team;
  const bot = await runBot(github, env ? { env } : {});
  const desk = github.openIssue({ title: 'Release', by: 'anna' }).number;
  const pullOf = (stage: string) => {
    const ours = ({ headBranch, author }: Pick<Pull, 'headBranch'> & { author: string }) =>
      headBranch.startsWith(`weighin/promote/churn.${stage}.`) && author === github.app.botLogin;
    const pulls = [...github.repository.pulls.values()].filter((pull) => ours({ ...pull, author: pull.issue.author.login }));
    return pulls.at(-1)?.issue.number ?? 0;
  };
  return {
    ...team,
    bot,
    desk,
    pullOf,
    async ask(stage, version = 1) {
      github.comment(desk, `/promote churn@v${version} ${stage}`, 'anna');
      await bot.settled();
      const number = pullOf(stage);
      if (number === 0) throw new Error(`no promotion to ${stage}: ${team.ownComments(desk).at(-1)}\n${bot.log()}`);
      return number;
    },
    verdict(number) {
      const found = team.check(github.pull(number).headSha);
      return { conclusion: found?.conclusion ?? null, summary: found?.summary ?? '' };
    },
    said: (number) => team.ownComments(number).at(-1) ?? '',
    live: (stage) => team.state(`live/churn/${stage}.json`),
    async close() {
      await bot.stop();
      await team.close();
    },
  };
}
