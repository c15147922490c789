import type { DemoParts } from './demo-parts.ts';
import { approveAndMerge, askPromotion } from './promote.ts';
import { readState } from './read-state.ts';
import { type Served, startGuard, startServer, startTraffic, type Traffic } from './server.ts';
import { mergeRecipe, trainVersion } from './train-version.ts';
import { waitFor } from './wait-for.ts';
import { perSecond } from './weighin-yaml.ts';

export interface Running {
  readonly served: Served;
  readonly traffic: Traffic;
  /** Where people write their commands. */
  readonly desk: number;
}

export const features = ['distance', 'hour', 'weekday'];

/** Act 1: a first model in production, people asking it, and the guard beside it. */
export async function playFirstVersion(parts: DemoParts): Promise<Running> {
  const { github, bot, teller, flights, serverPort, hour } = parts;
  teller.act('A first model, and people who ask it');
  teller.say(`acme/flight-delay predicts which flights will be late, from real flights of 2001; one hour is ${hour} seconds here`);
  mergeRecipe(parts, {
    flights: flights.all,
    training: { trainer: 'logistic-regression', features },
    title: 'The first model',
    branch: 'first',
  });
  teller.wait('training v1, as Actions would: trained by the push, measured and registered by the weigh run');
  await trainVersion(parts, 1, { by: 'boris' });
  teller.claim('v1 is trained, measured on flights that it has not seen, and registered', readState(parts).hasVersion(1));
  const desk = github.openIssue({ title: 'Releases', by: 'anna' }).number;
  const pull = await askPromotion(parts, 1, { issue: desk, by: 'anna', reason: 'the first' });
  await approveAndMerge(parts, pull, { approver: 'dora', merger: 'boris' });
  const served = await startServer(parts);
  await startGuard(parts);
  const live = await waitFor(
    parts.teller,
    'v1 is live',
    () => (readState(parts).live()?.phase === 'succeeded' ? readState(parts).live() : null),
    { seconds: 60 },
  );
  teller.claim(`production runs v${live.stable?.number}, says weighin/state`, live.stable?.number === 1);
  const traffic = startTraffic(parts);
  traffic.send({ url: served.url, rows: flights.usual, perSecond });
  await waitFor(teller, 'first answers', () => (traffic.count().versions['v1'] ?? 0) > perSecond, { seconds: 60 });
  teller.claim(
    `people ask about ${perSecond} real flights a second at http://127.0.0.1:${serverPort}, and v1 answers`,
    traffic.count().failed === 0,
    `${traffic.count().failed} failed`,
  );
  await bot.settled();
  return { served, traffic, desk };
}
