import { oneModel } from '../../shared/adapters/github/choose-models.ts';
import { runAction } from '../../shared/adapters/github/run-action.ts';
import { whyNotRegister } from '../../shared/adapters/github/why-not-register.ts';
import { registerModel } from '../../shared/pipeline/register-model.ts';
import { spec } from './spec.ts';

await runAction(spec, async ({ inputs, event, context, setOutput }) => {
  const model = oneModel(context, inputs.model);
  const refusal = whyNotRegister(event);
  const { registered, version, digest, reason } = refusal
    ? { registered: false, version: null, digest: null, reason: refusal }
    : await registerModel(context, model);
  setOutput('registered', registered);
  setOutput('model-version', version);
  setOutput('model-digest', digest);
  setOutput('reason', reason);
  context.progress.note(registered ? `${model}@v${version}: ${reason}` : reason);
});
