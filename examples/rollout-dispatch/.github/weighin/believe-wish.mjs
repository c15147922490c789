// What a workflow may believe of a wish for traffic (`repository_dispatch`): whoever may write contents can send one, so that it only ever
// means less than `weighin/state` says. Toward stable it is believed at once, since the guard acts first and records after.
//   WISH='{…}' node believe-wish.mjs state   →   stable=v11 candidate=v12 percent=5 (lines for $GITHUB_OUTPUT)
import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** @param wish `weighin/traffic@1`; @param live `weighin/live@1` of its model and stage. @returns versions as Git has them. */
function believe(wish, live) {
  if (live.rolloutId !== wish.rolloutId) throw new Error(`Git has rollout ${live.rolloutId}, the wish is of another.`);
  const is = (version, wished) => version !== null && version.number === wished.number && version.digest === wished.digest;
  const promoted = live.engine?.promoted === true && live.candidate !== null && is(live.candidate, wish.stable);
  if (!promoted && (live.stable === null || !is(live.stable, wish.stable))) throw new Error('Git names another stable version.');
  const stable = promoted ? live.candidate : live.stable;
  if (wish.candidate === null) return { stable, candidate: null, percent: 0 };
  if (!is(live.candidate, wish.candidate)) throw new Error('Git names another candidate.');
  const allowed = live.weight?.desired ?? 0;
  return { stable, candidate: live.candidate, percent: Math.min(wish.percent, allowed) };
}

const wish = JSON.parse(process.env.WISH ?? 'null');
const name = /^[a-z0-9][a-z0-9-]{0,62}$/;
const { model, stage, schema, percent: wished } = wish ?? {};
if (schema !== 'weighin/traffic@1' || !name.test(model) || !name.test(stage) || !(wished >= 0 && wished <= 100))
  throw new Error('That is no weighin/traffic@1.');
const live = JSON.parse(readFileSync(join(process.argv[2] ?? 'state', 'live', model, `${stage}.json`), 'utf8'));
const { stable, candidate, percent } = believe(wish, live);
const lines = Object.entries({
  model,
  stage,
  stable: `v${stable.number}`,
  'stable-digest': stable.digest,
  candidate: candidate ? `v${candidate.number}` : '',
  'candidate-digest': candidate?.digest ?? '',
  percent,
}).map(([key, value]) => `${key}=${value}\n`);
process.stdout.write(lines.join(''));
if (process.env.GITHUB_OUTPUT) appendFileSync(process.env.GITHUB_OUTPUT, lines.join(''));
