import type { AppFacts } from '../accounts.ts';
import { checkRunEventJson } from '../payloads/check-run.ts';
import { Refusal } from '../refusal.ts';
import type { CheckRun, Doer, Repository } from '../state.ts';
import type { World } from '../world.ts';

const conclusions = ['success', 'failure', 'neutral', 'cancelled', 'skipped', 'timed_out', 'action_required', 'stale', 'startup_failure'];
const invalidRequest = (why: string) => new Refusal(422, `Invalid request.\n\n${why}`);

export function startCheckRun(world: World, repository: Repository, sha: string, name: string, app: AppFacts): CheckRun {
  if (!repository.git.commit(sha)) throw new Refusal(422, `No commit found for SHA: ${sha}`);
  const suite = repository.checkRuns.find((run) => run.sha === sha && run.app.id === app.id)?.suite ?? world.nextId();
  return {
    id: world.nextId(),
    suite,
    sha,
    app,
    name,
    status: 'queued',
    conclusion: null,
    externalId: '',
    detailsUrl: null,
    startedAt: world.clock.iso(),
    completedAt: null,
    title: null,
    summary: null,
    text: null,
    annotations: [],
  };
}

/** @throws Refusal 422 for what GitHub does not keep: more than 50 annotations a request, texts beyond 65,535 characters */
export function fillCheckRun(world: World, run: CheckRun, body: Readonly<Record<string, unknown>>): void {
  const string = (name: string): string | undefined => (typeof body[name] === 'string' ? (body[name] as string) : undefined);
  const conclusion = string('conclusion');
  const status = conclusion === undefined ? string('status') : 'completed';
  if (conclusion !== undefined && !conclusions.includes(conclusion))
    throw invalidRequest(`${conclusion} is not a member of ${JSON.stringify(conclusions)}.`);
  if (status === 'completed' && conclusion === undefined && run.conclusion === null)
    throw invalidRequest('For \'properties/conclusion\', nil is not a string: it is required where the status is "completed".');
  const output = body['output'] as { title?: string; summary?: string; text?: string; annotations?: Record<string, unknown>[] } | undefined;
  if (output) {
    if (output.title === undefined || output.summary === undefined) throw invalidRequest('"title" and "summary" weren\'t supplied.');
    for (const field of ['summary', 'text'] as const)
      if (Array.from(output[field] ?? '').length > 65_535)
        throw invalidRequest(`Only 65535 characters are allowed; ${output[field]?.length} were supplied in "${field}".`);
    if ((output.annotations ?? []).length > 50)
      throw invalidRequest(`No more than 50 items are allowed; ${output.annotations?.length} were supplied.`);
    for (const annotation of output.annotations ?? [])
      if (
        typeof annotation['path'] !== 'string' ||
        typeof annotation['start_line'] !== 'number' ||
        typeof annotation['message'] !== 'string'
      )
        throw invalidRequest('An annotation needs "path", "start_line", "end_line", "annotation_level" and "message".');
    run.title = output.title;
    run.summary = output.summary;
    if (output.text !== undefined) run.text = output.text;
    run.annotations.push(...(output.annotations ?? []));
  }
  run.name = string('name') ?? run.name;
  run.externalId = string('external_id') ?? run.externalId;
  run.detailsUrl = string('details_url') ?? run.detailsUrl;
  run.startedAt = string('started_at') ?? run.startedAt;
  if (status !== undefined) run.status = status;
  if (conclusion !== undefined) run.conclusion = conclusion;
  else if (status !== undefined && status !== 'completed') run.conclusion = null;
  run.completedAt = run.status === 'completed' ? (string('completed_at') ?? world.clock.iso()) : null;
}

export function tellCheckRun(world: World, repository: Repository, run: CheckRun, action: 'created' | 'completed', by: Doer): void {
  world.emit(repository, 'check_run', action, { check_run: checkRunEventJson(world, repository, run) }, by);
}
