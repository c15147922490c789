import { relative, resolve } from 'node:path';
import { runStep } from '../../shared/adapters/github/run-step.ts';
import { UserError } from '../../shared/errors.ts';
import { attestStep, storeStep } from './keep-evidence.ts';
import { resolveStep } from './resolve-step.ts';
import { spec } from './spec.ts';
import { judgeStep, places, predictStep, rowsStep } from './weigh-steps.ts';

await runStep(spec, async ({ inputs, env: all, workspace, progress, setOutput }) => {
  const folder = resolve(workspace, inputs.folder);
  const { model, side, task, config, bundle } = inputs;
  const token = inputs['github-token'];
  if (inputs.step === 'predict') {
    // A model runs here, and a command's code with it: it is told nothing that opens anything.
    const { GITHUB_TOKEN: _token, GH_TOKEN: _gh, ACTIONS_RUNTIME_TOKEN: _runtime, ACTIONS_ID_TOKEN_REQUEST_TOKEN: _id, ...env } = all;
    return predictStep({ env, progress, folder }, side);
  }
  const env = { ...all, ...(token ? { GITHUB_TOKEN: token } : {}) };
  const say = (line: string) => {
    progress.note(line);
    setOutput('summary', line);
  };
  if (inputs.step === 'resolve') {
    const { tasks, says } = await resolveStep({ env, token, config, out: places(folder).tasks });
    setOutput('models', JSON.stringify(Object.keys(tasks)));
    setOutput('tasks', JSON.stringify(tasks));
    return say(says);
  }

  if (!model || !task)
    throw new UserError('INPUT_MISSING', `The step ${inputs.step} needs model and task.`, 'Take both from the step resolve.');
  const place = { env, token, progress, model, taskDigest: task, folder };
  if (inputs.step === 'rows')
    return say((await rowsStep(place)) ? `Wrote the test rows of ${model}, without labels.` : 'The contract stops: no model is asked.');
  if (inputs.step === 'judge') {
    const { verdict, headline } = await judgeStep(place);
    setOutput('verdict', verdict);
    return say(`${model}: ${headline}`);
  }
  if (inputs.step === 'attest') {
    const { subject, digest, predicate } = await attestStep(place);
    setOutput('subject', subject);
    setOutput('digest', digest);
    setOutput('predicate', relative(workspace, predicate));
    return undefined;
  }
  const { version } = await storeStep(place, bundle, new Date());
  setOutput('model-version', version);
  say(version === null ? `Kept the evidence of ${model}.` : `${model}@v${version} is born.`);
});
