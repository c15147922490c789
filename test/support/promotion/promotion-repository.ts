import { rm } from 'node:fs/promises';
import { canonicalJson, digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { appendEvent } from '../../../shared/promotion/event-chain.ts';
import { newEvent } from '../../../shared/promotion/event-data.ts';
import type { NewEvent, Person } from '../../../shared/promotion/forge.ts';
import type { LiveDocument } from '../../../shared/promotion/live-document.ts';
import type { PromotionFacts } from '../../../shared/promotion/promotion-facts.ts';
import { startPromotion } from '../../../shared/promotion/start-promotion.ts';
import { eventsPath, livePath } from '../../../shared/promotion/state-paths.ts';
import type { StageDocument } from '../../../shared/registry/stage-document.ts';
import { type GitRepository, newRepository } from '../registry/git-repository.ts';
import { anna, bot, headSha, quiet, recordOf, rendered, reportFor, rosa } from './promotion-facts.ts';

export const policyText = `version: 1
models:
  churn:
    task: binary
    data: {source: data.csv, label: churned}
    training: {command: python train.py}
    evaluation: {gates: [{metric: roc_auc, min: 0.8}]}
    stages: {staging: {}, production: {}}
`;

export interface PromotionRepository extends GitRepository {
  /** Promotes a version to production as the bot does: registry on main, live state and events on weighin/state. */
  promote(number: number, change?: { readonly approvers?: readonly Person[]; readonly at?: string }): Promise<void>;
  /** Writes files to a branch that needs no history in common with main. */
  writeState(files: Readonly<Record<string, string>>): Promise<void>;
  readState(path: string): string;
  readonly event: (generation: number, event: NewEvent, at: string) => Promise<void>;
  readonly live: () => LiveDocument | null;
  dispose(): Promise<void>;
}

/** A clone in which a bot has promoted: what `weighin status`, `history` and `audit` read. */
export async function newPromotionRepository(): Promise<PromotionRepository> {
  const repository = await newRepository();
  const { git, write, commitAll, root } = repository;
  await write('weighin.yaml', policyText);
  commitAll('policy');
  let main: StageDocument | null = null;
  let live: LiveDocument | null = null;

  const readState = (path: string) => {
    try {
      return git('show', `weighin/state:${path}`);
    } catch {
      return '';
    }
  };
  async function writeState(files: Readonly<Record<string, string>>) {
    const exists = git('branch', '--list', 'weighin/state') !== '';
    git(...(exists ? ['switch', '--quiet', 'weighin/state'] : ['switch', '--quiet', '--orphan', 'weighin/state']));
    for (const [path, text] of Object.entries(files)) await write(path, text);
    commitAll('state');
    git('switch', '--quiet', 'main');
  }
  const lines = (generation: number) => {
    const text = readState(eventsPath('churn', 'production', generation));
    return text === '' ? '' : `${text}\n`;
  };
  const append = (text: string, event: NewEvent, generation: number, at: string) =>
    appendEvent(text, event, { at, by: 'weighin[bot]/1', model: 'churn', stage: 'production', generation });

  return {
    ...repository,
    readState,
    writeState,
    live: () => live,
    async event(generation, event, at) {
      await writeState({ [eventsPath('churn', 'production', generation)]: append(lines(generation), event, generation, at) });
    },
    async promote(number, { approvers = [anna], at = '2026-11-20T10:00:00.000Z' } = {}) {
      const config = quiet().config;
      const record = recordOf(number, reportFor(config));
      const generation: number = (main?.generation ?? 0) + 1;
      const digest = digestOfDocument(record);
      const facts: PromotionFacts = quiet({
        facts: {
          main,
          live,
          generation,
          repositoryId: 5,
          version: {
            record,
            digest,
            level: 'attested',
            report: null,
            decision: record.evaluation?.decision ?? null,
            weighedAt: null,
            actors: [],
          },
        },
      });
      const { files, document } = rendered(facts);
      for (const { path, text } of files) await write(path, text);
      git('add', '--all');
      git('commit', '--quiet', '--message', `Promote v${number}`, '--date', at);
      main = document;
      live = startPromotion({ ...facts, main }, at);
      const started = [
        newEvent('promotion.requested', rosa, 'comment:1:1', {
          version: number,
          digest: record.subject.digest,
          record: digest,
          reason: 'for the season',
          operation: 'promote',
        }),
        ...approvers.map((person) =>
          newEvent('approval.counted', person, `review:${person.id}:approved`, {
            review: person.id,
            commit: headSha,
            plan: document.plan,
            as: 'write',
          }),
        ),
        newEvent('promotion.started', bot, 'start', { tag: `churn/production/${generation}`, deployment: null, rollout: null }),
        newEvent('rollout.succeeded', bot, 'start', { version: { number, digest: record.subject.digest } }),
      ].reduce((text, event) => append(text, event, generation, at), lines(generation));
      await writeState({
        [eventsPath('churn', 'production', generation)]: started,
        [livePath('churn', 'production')]: canonicalJson(live),
      });
    },
    dispose: () => rm(root, { recursive: true, force: true }),
  };
}
