import type { Config } from '../config/schema.ts';
import { digestOfDocument } from '../digest/canonical-json.ts';
import { versionRecordSchema } from '../registry/version-record.ts';
import { effectiveVersion } from './effective-version.ts';
import { lastOf, lastPlanned } from './event-data.ts';
import type { Person } from './forge.ts';
import { activeHolds } from './holds.ts';
import type { Hold, LiveDocument, Phase } from './live-document.ts';
import type { Condition, EvidenceFacts } from './promotion-facts.ts';
import { isOpen } from './request-promotion.ts';
import { chainOf, notWeighins, parseJson, readLive, readStageFile, type StageFiles } from './stage-files.ts';
import { stageHistory } from './stage-history.ts';
import { eventsPath, knownVersionPath, promotionId, stateBranch } from './state-paths.ts';
import { unmetInGit } from './unmet-conditions.ts';

/** Where a stage stands, as far as Git tells. */
export interface StageStanding {
  readonly model: string;
  readonly stage: string;
  readonly generation: number;
  /** What should run: a hold outranks the default branch. null where nothing was promoted yet. */
  readonly version: { readonly number: number; readonly digest: string } | null;
  /** When it began to run, ISO 8601; null where nothing tells. */
  readonly since: string | null;
  /** null: the bot has not moved this stage yet. */
  readonly phase: Phase | null;
  /** What a rollout brings. */
  readonly candidate: { readonly number: number; readonly digest: string } | null;
  readonly holds: readonly Hold[];
  readonly open: OpenPromotion | null;
}
export interface OpenPromotion {
  readonly promotion: string;
  readonly version: number;
  readonly requestedBy: Person;
  readonly requestedAt: string;
  readonly pull: number | null;
  /** Only what Git alone tells: approvals, gates and the pull request itself are not among them. */
  readonly unmet: readonly Condition[];
}

/** @throws UserError STATE_BROKEN with the file that cannot be read */
export function stageStanding(files: StageFiles, config: Config, now: Date): StageStanding {
  const { model, stage } = files;
  const main = readStageFile(files);
  const live = readLive(files);
  const version = effectiveVersion(main, live, now);
  const stay = stageHistory(files).stays[0];
  return {
    model,
    stage,
    generation: main?.generation ?? 0,
    version: version && { number: version.number, digest: version.digest },
    since: stay && stay.version.digest === version?.digest ? stay.from : null,
    phase: live?.phase ?? null,
    candidate: live?.candidate ?? null,
    holds: activeHolds(live, now),
    open: openPromotion(files, config, now, live),
  };
}

function openPromotion(files: StageFiles, config: Config, now: Date, live: LiveDocument | null): OpenPromotion | null {
  const { model, stage } = files;
  const main = readStageFile(files);
  const generation = (main?.generation ?? 0) + 1;
  const chain = chainOf(files, generation);
  if (!chain.whole) throw notWeighins(eventsPath(model, stage, generation), stateBranch);
  const events = chain.lines;
  const asked = isOpen(events) ? lastOf(events, 'promotion.requested') : null;
  if (!asked) return null;
  const others = Object.keys(config.models[model]?.stages ?? {}).filter((name) => name !== stage);
  const unmet = unmetInGit({
    model,
    stage,
    generation,
    repositoryId: 0,
    now,
    config,
    mainHead: '',
    main,
    live,
    otherStages: Object.fromEntries(others.map((name) => [name, readLive({ ...files, stage: name })])),
    events,
    version: evidenceOf(files, asked.data.version),
  });
  return {
    promotion: promotionId(model, stage, generation),
    version: asked.data.version,
    requestedBy: asked.actor,
    requestedAt: asked.at,
    pull: lastPlanned(events)?.data.pull ?? null,
    unmet,
  };
}

/** The record as its weigh run handed it over; whether it is believed is not Git's to say. */
function evidenceOf({ model, state }: StageFiles, number: number): EvidenceFacts | null {
  const text = state.get(knownVersionPath(model, number));
  const record = text === undefined ? undefined : versionRecordSchema.safeParse(parseJson(text)).data;
  return record
    ? { record, digest: digestOfDocument(record), level: 'unknown', report: null, decision: null, weighedAt: null, actors: [] }
    : null;
}
