import { formatCount, formatMany } from '../../words/format-number.ts';
import type { PlanForecast } from './smallest-ratio.ts';

/** What a plan's comment says before anyone approves it: plain text, a sentence an entry. */
export function describeForecast({ requests, short, smallestRatio, proposed, proposedRatio }: PlanForecast): readonly string[] {
  const sentences = [
    `The candidate is expected to answer ${requests.map((count) => formatCount(count)).join(', ')} requests in its ${formatMany(requests.length, 'step')}.`,
    smallestRatio === null
      ? 'No worsening, however large, is rolled back with a chance of 80 % by its comparison with stable or its limit.'
      : `The smallest worsening that is rolled back with a chance of 80 % is ×${smallestRatio} of stable's rate.`,
  ];
  if (short.length > 0)
    sentences.push(
      `Too few requests for \`minSamples\` in ${short.length === 1 ? 'step' : 'steps'} ${short.join(', ')}: held up to three times as long, then unproven.`,
    );
  if (proposed) {
    const steps = proposed.map(({ share, hold }) => `${Math.round(share * 100)} % for ${hours(hold)}`).join(', then ');
    sentences.push(
      `Fewer, heavier steps see more: ${steps} ${proposedRatio === null ? 'would still be blind' : `would catch ×${proposedRatio}`}.`,
    );
  }
  return sentences;
}

const hours = (milliseconds: number) =>
  milliseconds < 60_000
    ? `${Math.round(milliseconds / 1000)} s`
    : milliseconds < 3_600_000
      ? `${Math.round(milliseconds / 60_000)} min`
      : `${Number((milliseconds / 3_600_000).toFixed(1))} h`;
