import type { Say } from './check-config.ts';
import type { ConfigPath } from './parse-yaml.ts';
import type { RolloutConfig, TargetConfig } from './rollout-schema.ts';

/** What a rollout needs that its schema can't say. How it is judged is checked where it is judged. */
export function checkRollout(path: ConfigPath, rollout: RolloutConfig, say: Say): void {
  const { strategy, guard, target, steps, duration, experiment, metrics = [], verify, source } = rollout;
  if (strategy === 'bandit')
    say(
      [...path, 'strategy'],
      'A bandit moves traffic by what pays, which is not what a promotion was approved for; it is not carried out. Use ab, which compares and then asks.',
    );
  if (target && !guard) say([...path, 'target'], 'Traffic is moved by a guard: write `guard: {driver: server}` beside the target.');
  if (guard && !target && (verify || source))
    say([...path, 'guard'], 'Without `target` nobody here moves traffic, so nothing is asked: name the target.');
  if (steps && strategy !== 'canary') say([...path, 'steps'], `steps belong to a canary; ${strategy} is watched for its \`duration\`.`);
  if (duration && strategy === 'canary') say([...path, 'duration'], 'A canary lasts as long as its steps hold; leave duration out.');
  if (strategy === 'ab' && !experiment)
    say(path, 'strategy ab needs `experiment`: what counts as converted, in which units, and the effect worth finding.');
  if (experiment && strategy !== 'ab') say([...path, 'experiment'], `experiment belongs to strategy ab, not to ${strategy}.`);
  if (rollout.then && strategy !== 'ab' && strategy !== 'shadow')
    say([...path, 'then'], `then belongs to shadow and ab, which end with a recommendation; ${strategy} promotes.`);
  if (target && metrics.length === 0)
    say([...path, 'metrics'], 'No metric is watched, so nothing could take it back: write at least {name: error_rate, max: 0.01}.');
  if (strategy === 'shadow' && target && !mirrors(target))
    say(
      [...path, 'target', 'kind'],
      `strategy shadow copies traffic to a candidate that never answers, which ${target.kind} can't do here: use serve, gateway-api, template, or http with \`mirrors: true\`.`,
    );
  steps?.forEach(({ weight }, index) => {
    // Of weights that are whole numbers up to 256.
    if (target?.kind === 'haproxy' && weight > 0 && weight < 0.4)
      say([...path, 'steps', index, 'weight'], `HAProxy's smallest share is 0.4 %, and this step has ${weight} %.`);
    const before = steps[index - 1]?.weight ?? 0;
    if (weight < before)
      say([...path, 'steps', index, 'weight'], `A step has at least the share of the one before: ${weight} comes after ${before}.`);
  });
  if (steps && target && steps.length > 0 && steps.at(-1)?.weight !== 100)
    say(
      [...path, 'steps'],
      `The last step is at ${steps.at(-1)?.weight} %; end with {weight: 100, hold: …}, so that all traffic was seen before it counts.`,
    );
  if (steps?.length === 0) say([...path, 'steps'], 'Leave `steps` out for 5, 15, 30, 50, 75, 100 %, an hour each; a list needs a step.');
  if (guard?.driver === 'target' && target && !['argo-rollouts', 'http'].includes(target.kind))
    say([...path, 'guard', 'driver'], `${target.kind} judges nothing by itself: write \`driver: server\`, or \`watcher\`.`);
  for (const [at, address] of addressesOf(rollout)) {
    if (/^https?:\/\/[^/?#]*@/.test(address))
      say(
        [...path, ...at],
        'An address is written without user and password: this file is read by many. Name a token: `token: {env: NAME}`.',
      );
  }
  const names = new Set<string>();
  metrics.forEach((metric, index) => {
    const { name, of, test, max, hardMax } = metric;
    const at = [...path, 'metrics', index];
    if (of === undefined && names.has(name)) say([...at, 'name'], `Two metrics are called ${name}; give each its own name.`);
    if (of === undefined) names.add(name);
    if (max !== undefined && !(max > 0 && max < (test === 'distribution' ? 1 : 0.99)))
      say([...at, 'max'], `max is a share of all answers, above 0 and below 1, not ${max}: 0.01 is one per cent.`);
    if (hardMax !== undefined && !(hardMax > 0 && hardMax < 1))
      say([...at, 'hardMax'], `hardMax is a share of all answers, above 0 and below 1, not ${hardMax}: 0.05 is five per cent.`);
    else if (hardMax !== undefined && max !== undefined && hardMax < max)
      say([...at, 'hardMax'], `hardMax stops at once, whatever else, so it is not below max: ${hardMax} is less than ${max}.`);
  });
  metrics.forEach((metric, index) => {
    const here = [...path, 'metrics', index];
    if ((metric.bad === undefined) !== (metric.total === undefined)) say(here, `${metric.name} needs both bad and total, or neither.`);
    if (metric.le !== undefined && metric.bad !== undefined)
      say([...here, 'le'], `${metric.name} counts slower answers by \`le\`, or bad ones by \`bad\`: keep one.`);
    if (metric.test === 'distribution' && metric.max === undefined)
      say(here, `${metric.name} compares distributions: write \`max\`, the share of rows that may differ, such as 0.1.`);
  });
}

const mirrors = (target: TargetConfig) =>
  ['serve', 'gateway-api', 'template'].includes(target.kind) || (target.kind === 'http' && target.mirrors === true);

/** Every address that a guard asks, with its place. */
function addressesOf({ target, source, verify = [] }: RolloutConfig): readonly (readonly [ConfigPath, string])[] {
  const scraped = source && 'scrape' in source ? source.scrape : [];
  const served = target?.kind === 'serve' ? target.urls : [];
  return [
    ...served.map((url, index) => [['target', 'urls', index], url] as const),
    ...(target?.kind === 'http' ? [[['target', 'url'], target.url] as const] : []),
    ...scraped.map((url, index) => [['source', 'scrape', index], url] as const),
    ...(source && 'prometheus' in source ? [[['source', 'prometheus'], source.prometheus] as const] : []),
    ...verify.flatMap((check, index) => ('http' in check ? [[['verify', index, 'http'], check.http] as const] : [])),
  ];
}
