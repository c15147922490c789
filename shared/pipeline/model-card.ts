import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { CardSection, CardTexts } from '../card/card-facts.ts';
import { cardGate } from '../card/card-gate.ts';
import { missingSections } from '../card/missing-sections.ts';
import { renderCard } from '../card/render-card.ts';
import { UserError } from '../errors.ts';
import type { GateResult } from '../evaluation/evaluation-result.ts';
import type { Report } from '../report/report.ts';
import type { ModelRun, RunContext } from './run-context.ts';

export interface Card {
  readonly missing: readonly CardSection[];
  /** null where nothing is required. */
  readonly gate: GateResult | null;
  /** The card tells the verdict, so it is written once there is one. */
  render(report: Report): string;
}

/** The card's gate, and the card once there is a verdict to tell. */
export async function cardOf(context: RunContext, run: ModelRun): Promise<Card> {
  const { card, description } = run.config;
  const texts: Record<keyof CardTexts, string | undefined> = {
    intendedUse: await readText(context, run, 'intendedUse'),
    users: await readText(context, run, 'users'),
    outOfScope: await readText(context, run, 'outOfScope'),
    limitations: await readText(context, run, 'limitations'),
    ethics: await readText(context, run, 'ethics'),
  };
  const template =
    card.template === 'default'
      ? undefined
      : await readFile(resolve(run.root, card.template), 'utf8').catch(() => missingFile(context, run, 'template', card.template));
  const missing = missingSections(card, texts);
  return {
    missing,
    gate: cardGate(missing, card.require),
    render: (report) => renderCard({ ...report, version: null, description }, card, texts, template).markdown,
  };
}

/** A section is text, or the path of a Markdown file. */
async function readText(context: RunContext, run: ModelRun, section: keyof CardTexts): Promise<string | undefined> {
  const written = run.config.card[section];
  if (written === undefined || !/^\S+\.(?:md|markdown|txt)$/i.test(written.trim())) return written;
  return readFile(resolve(run.root, written.trim()), 'utf8').catch(() => missingFile(context, run, section, written));
}

function missingFile(context: RunContext, run: ModelRun, key: string, path: string): never {
  throw new UserError(
    'CARD_FILE_MISSING',
    `card.${key} names ${path}, which can't be read.`,
    'Correct the path, or write the text itself.',
    context.config.locate(['models', run.name, 'card', key]),
  );
}
