import { renderTemplate } from '../words/render-template.ts';
import type { CardConfig, CardFacts, CardSection, CardTexts } from './card-facts.ts';
import { cardTemplate } from './card-template.ts';
import { cardView } from './card-view.ts';
import { frontMatter } from './front-matter.ts';
import { missingSections } from './missing-sections.ts';

/**
 * `MODEL_CARD.md`: the Hub's metadata, then the card for people. What nobody wrote reads *not stated* and is listed in `missing`.
 * @throws UserError TEMPLATE_INVALID
 */
export function renderCard(
  facts: CardFacts,
  card: CardConfig,
  texts: CardTexts,
  template: string = cardTemplate,
): { readonly markdown: string; readonly missing: readonly CardSection[] } {
  const body = renderTemplate(template, cardView(facts, card, texts), 'the card template');
  const markdown = `${frontMatter(facts, card)}\n${body.replace(/\n{3,}/g, '\n\n').trim()}\n`;
  return { markdown, missing: missingSections(card, texts) };
}
