import type { CardConfig, CardSection, CardTexts } from './card-facts.ts';

export const cardSections: readonly CardSection[] = ['intendedUse', 'users', 'outOfScope', 'limitations', 'ethics', 'owners', 'license'];

/** Sections as the card names them. */
export const sectionTitles: Readonly<Record<CardSection, string>> = {
  intendedUse: 'intended use',
  users: 'users',
  outOfScope: 'out-of-scope use',
  limitations: 'limitations',
  ethics: 'ethical considerations',
  owners: 'owners',
  license: 'license',
};

/** What nobody wrote: all of it that `card.require` names, and of the rest what a reader of a card asks for first. */
export function missingSections(card: CardConfig, texts: CardTexts): readonly CardSection[] {
  const asked = new Set<CardSection>([...card.require, 'intendedUse', 'limitations']);
  return cardSections.filter((section) => asked.has(section) && isMissing(section, card, texts));
}

function isMissing(section: CardSection, card: CardConfig, texts: CardTexts): boolean {
  switch (section) {
    case 'owners':
      return (card.owners ?? []).length === 0;
    case 'license':
      return (card.license ?? '').trim() === '';
    default:
      return (texts[section] ?? '').trim() === '';
  }
}
