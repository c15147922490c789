import { nearestName } from '../spec/nearest-name.ts';
import type { Say } from './check-config.ts';
import { parseCron } from './cron.ts';
import type { ConfigPath } from './parse-yaml.ts';
import { parseAgreement, parseDuration } from './quantities.ts';
import type { DriftConfig, ModelConfig, RetrainConfig } from './schema.ts';

/** Below a minute a window holds too little to judge; beyond this many, an alarm would come when nobody can act on it. */
const shortestWindow = 60_000;
const mostWindows = 30;

/** The contradictions within `drift:` and `retrain:`. */
export function checkMonitoring(path: ConfigPath, model: ModelConfig, say: Say): void {
  if (model.drift) checkDrift([...path, 'drift'], model.drift, Object.keys(model.stages), say);
  if (model.retrain) checkRetrain([...path, 'retrain'], model.retrain, model, say);
}

function checkDrift(path: ConfigPath, drift: DriftConfig, stages: readonly string[], say: Say): void {
  const window = parseDuration(drift.window);
  if (window < shortestWindow) say([...path, 'window'], 'A window has at least a minute; most people watch days (1d).');
  if (drift.maxAge !== undefined && parseDuration(drift.maxAge) < window)
    say([...path, 'maxAge'], `maxAge ${drift.maxAge} is shorter than a window (${drift.window}): every whole window would be stale.`);
  if (drift.alarm < drift.shift)
    say(
      [...path, 'alarm'],
      `alarm ${drift.alarm} is below shift ${drift.shift}: drift is a shift that is large, so alarm is the larger one.`,
    );
  const { k, m } = parseAgreement(drift.agree);
  if (k > m) say([...path, 'agree'], `${k} of ${m} windows can't agree.`);
  if (m > mostWindows) say([...path, 'agree'], `An alarm looks at ${mostWindows} windows at most, not ${m}.`);
  const by = typeof drift.by === 'string' ? [drift.by] : (drift.by ?? []);
  if (new Set(by).size < by.length) say([...path, 'by'], `by names ${by[0]} twice.`);
  const [, stage] = /^training-of (.*)$/.exec(drift.reference ?? '') ?? [];
  if (stage !== undefined && stages.length > 0 && !stages.includes(stage)) {
    const near = nearestName(stage, stages);
    say([...path, 'reference'], `${stage} is not a stage of this model; ${near ? `nearest: ${near}` : `there is ${stages.join(', ')}`}.`);
  }
}

function checkRetrain(path: ConfigPath, { on }: RetrainConfig, model: ModelConfig, say: Say): void {
  const seen = new Set<string>();
  on.forEach((cause, index) => {
    const here = [...path, 'on', index];
    const name = typeof cause === 'string' ? cause : `schedule ${cause.schedule}`;
    if (seen.has(name)) say(here, `${name} stands there twice.`);
    seen.add(name);
    if (typeof cause !== 'string') {
      const cron = parseCron(cause.schedule);
      if (typeof cron === 'string') say([...here, 'schedule'], `The schedule is no cron expression: ${cron}.`);
    } else if (cause !== 'new-data' && !model.drift) {
      say(here, `Retraining on ${cause} needs \`drift:\`, which says what is watched; \`drift: {window: 1d}\` is enough.`);
    }
  });
}
