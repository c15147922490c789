import { verifyChain } from '../../../shared/promotion/event-chain.ts';
import { stateBranch } from '../../../shared/promotion/state-paths.ts';
import type { RegisteredTeam } from './registered-team.ts';

/**
 * Everything that a promotion leaves behind, but for what differs from one run to another by right: instants, ids that GitHub counts up,
 * and the commits that they go into. Two runs that come to the same are the same here, and what was done twice is there twice.
 */
export function normalForm({ github }: RegisteredTeam) {
  const { repository, git } = github;
  const steady = steadyWords(github);
  const isBot = ({ login }: { readonly login: string }) => login === github.app.botLogin;
  const filesOf = (branch: string, except = /^$/) =>
    Object.fromEntries(
      git
        .files(branch)
        .filter((path) => !except.test(path))
        .map((path) => [path, steady(git.file(branch, path) ?? '')]),
    );
  const pulls = [...repository.pulls.values()];
  return {
    main: filesOf('main'),
    state: filesOf(stateBranch, /^events\//),
    events: Object.fromEntries(
      git
        .files(stateBranch)
        .filter((path) => path.startsWith('events/'))
        .map((path) => [path, eventsOf(git.file(stateBranch, path) ?? '', steady)]),
    ),
    pulls: pulls.map(({ issue, headBranch, headSha, merged }) => ({
      branch: headBranch,
      state: issue.state,
      title: steady(issue.title),
      body: steady(issue.body ?? ''),
      merged: merged?.by.login ?? null,
      comments: commentsOf(issue.number),
      checks: github
        .checks(headSha)
        .map(({ name, conclusion, summary }) => `${name} ${conclusion} ${steady(summary ?? '')}`)
        .sort(),
    })),
    issues: [...repository.issues.values()]
      // GitHub lets no App delete an issue: a twin that two bots opened at once is closed.
      .filter(({ pull, state }) => !pull && state === 'open')
      .map(({ number, title, body, state }) => ({
        title: steady(title),
        body: steady(body ?? ''),
        state,
        comments: commentsOf(number),
      })),
    deployments: repository.deployments
      .map(({ environment, description, payload, statuses }) => ({
        environment,
        description,
        payload: steady(JSON.stringify(payload)),
        state: statuses.at(-1)?.state ?? null,
      }))
      .sort((a, b) => (a.payload < b.payload ? -1 : 1)),
    refs: [...repository.knownRefs.keys()].sort(),
    // Whoever receives it looks at Git and believes nothing else, so once more does no harm.
    dispatches: [...new Set(github.dispatches.map((one) => steady(JSON.stringify(one))))].sort(),
  };

  function commentsOf(number: number) {
    return github
      .comments(number)
      .map(({ author, body, reactions }) => ({
        by: author.login,
        body: steady(body),
        reactions: reactions
          .filter(({ account }) => isBot(account))
          .map(({ content }) => content)
          .sort(),
      }))
      .sort((a, b) => (a.body < b.body ? -1 : 1));
  }
}

export type NormalForm = ReturnType<typeof normalForm>;

function eventsOf(text: string, steady: (text: string) => string) {
  const chain = verifyChain(text);
  if (!chain.whole) throw new Error(`line ${chain.line} of the events: ${chain.why}`);
  return chain.lines.map(({ type, actor, cause, data }) => steady(`${type} @${actor.login} ${cause} ${JSON.stringify(data)}`));
}

/** Numbers become names, by what they are numbers of. */
function steadyWords(github: RegisteredTeam['github']) {
  const { repository } = github;
  const places = new Map<number, string>();
  for (const { number, title } of repository.issues.values()) places.set(number, title.replaceAll(/#\d+/g, '#'));
  for (const { issue, headBranch } of repository.pulls.values()) places.set(issue.number, headBranch);
  const place = (_: string, before: string, number: string) => `${before}<${places.get(Number(number)) ?? number}>`;
  const commands = new Map(repository.comments.filter(({ author }) => author.type === 'User').map(({ id }, index) => [id, index + 1]));
  const command = (_: string, before: string, id: string) => `${before}<command ${commands.get(Number(id)) ?? id}>`;
  return (text: string) =>
    text
      .replaceAll(github.url, 'https://github.example')
      .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?(\.\d+)?Z/g, '<time>')
      .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d( UTC)?/g, '<time>')
      .replaceAll(/(issuecomment-|comment=|comment:)(\d+)/g, command)
      .replaceAll(/(\/pull\/|\/issues\/|(?<!&)#|#&#8203;|pull request |"pull":)(\d+)\b/g, place)
      .replaceAll(/(review:|deployment:|"review":|"deployment":\{"id":|"deployment":)\d+/g, '$1<id>')
      // Of the command's own number.
      .replaceAll(/("hold":\{[^{}]*\{[^{}]*\}[^{}]*"id":|"holds":\[\{[^{}]*\{[^{}]*\}[^{}]*"id":)"sha256:[0-9a-f]{64}"/g, '$1<id>')
      .replaceAll(/\b[0-9a-f]{40}\b/g, '<commit>')
      .replaceAll(/`[0-9a-f]{7,12}`/g, '`<short>`');
}
