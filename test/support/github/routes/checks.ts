import { fillCheckRun, startCheckRun, tellCheckRun } from '../operations/check-runs.ts';
import { resolveRevision } from '../operations/refs.ts';
import { checkRunJson } from '../payloads/check-run.ts';
import { notFound, Refusal } from '../refusal.ts';
import { demand } from '../tokens.ts';
import { byId, counted, created, list, ok, type Route, route, text, withApp } from './route.ts';

const read = { checks: 'read' } as const;
const write = { checks: 'write' } as const;

export const checkRoutes: readonly Route[] = [
  route('POST /repos/:owner/:repo/check-runs', null, (asked) => {
    const app = appOf(asked);
    const run = startCheckRun(asked.world, asked.repository, text(asked, 'head_sha'), text(asked, 'name'), app);
    fillCheckRun(asked.world, run, asked.body);
    asked.repository.checkRuns.push(run);
    tellCheckRun(asked.world, asked.repository, run, 'created', asked.by);
    if (run.status === 'completed') tellCheckRun(asked.world, asked.repository, run, 'completed', asked.by);
    return created(checkRunJson(asked.world, asked.repository, run));
  }),
  route('PATCH /repos/:owner/:repo/check-runs/:id', null, (asked) => {
    const app = appOf(asked);
    const run = byId(asked.repository.checkRuns, asked.params['id']);
    if (run.app.id !== app.id)
      throw new Refusal(403, `Invalid app_id \`${app.id}\` - check run can only be modified by the GitHub App that created it.`);
    const before = run.status;
    fillCheckRun(asked.world, run, asked.body);
    if (run.status === 'completed' && before !== 'completed') tellCheckRun(asked.world, asked.repository, run, 'completed', asked.by);
    return ok(checkRunJson(asked.world, asked.repository, run));
  }),
  route('GET /repos/:owner/:repo/check-runs/:id', read, (asked) =>
    ok(checkRunJson(asked.world, asked.repository, byId(asked.repository.checkRuns, asked.params['id']))),
  ),
  route('GET /repos/:owner/:repo/check-runs/:id/annotations', read, (asked) =>
    list(byId(asked.repository.checkRuns, asked.params['id']).annotations),
  ),
  // The commit decides, not the pull request: two pull requests at one commit share its checks.
  route('GET /repos/:owner/:repo/commits/:ref/check-runs', read, ({ world, repository, params, query }) => {
    const sha = repository.git.commitOf(resolveRevision(repository, params['ref'] ?? '') ?? '')?.oid;
    if (sha === undefined) throw notFound();
    const [name, app, status] = [query.get('check_name'), query.get('app_id'), query.get('status')];
    const found = repository.checkRuns
      .filter((run) => run.sha === sha)
      .filter(
        (run) =>
          (name === null || run.name === name) &&
          (app === null || run.app.id === Number(app)) &&
          (status === null || run.status === status),
      )
      .filter(
        (run, _, all) => query.get('filter') === 'all' || all.findLast((one) => one.name === run.name && one.app.id === run.app.id) === run,
      )
      .reverse();
    return counted(
      'check_runs',
      found.map((run) => checkRunJson(world, repository, run)),
    );
  }),
];

/** Checks are an App's alone: a person's token is refused whatever it may. */
function appOf(asked: Parameters<Route['answer']>[0]) {
  const token = withApp(asked);
  const { app } = token.doer;
  if (!app) throw new Refusal(403, 'You must authenticate via a GitHub App.');
  demand(asked.world, token, write, asked.repository);
  return app;
}
