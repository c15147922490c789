import { type WeighRequest, weighDispatch, weighRequestSchema, weighWorkflow } from '../../shared/promotion/evidence-document.ts';
import { promotionOfPull } from '../../shared/promotion/promotion-of-pull.ts';
import { type PromotionName, promotionId } from '../../shared/promotion/state-paths.ts';
import { planDocumentSchema } from '../../shared/registry/stage-document.ts';
import { planPath } from '../../shared/registry/work-tree-paths.ts';
import { nearestName } from '../../shared/spec/nearest-name.ts';
import { code, type Markdown, md } from '../../shared/words/markdown.ts';
import type { Reply } from '../bot-context.ts';
import type { CommandCall, CommandLine } from './command-line.ts';
import { memoryOf } from './comment-memory.ts';
import type { CommandSituation } from './execute.ts';
import { configOf } from './model-of.ts';
import { quoted } from './read-command.ts';
import { listed, say } from './say.ts';

/** A trusted weigh run for the pull request's head as it is now, and for no other commit. */
export const run = (call: CommandCall, situation: CommandSituation): Promise<Reply> => weigh(call, situation, null);

/** The same, for a gate that an unlucky run failed: gates are judged together. */
export async function retry(
  { gate }: Extract<CommandLine, { name: 'retry' }>,
  call: CommandCall,
  situation: CommandSituation,
): Promise<Reply> {
  const known = Object.values(configOf(situation.policy).models).flatMap(({ evaluation, tests }) => [
    ...evaluation.gates.map(({ name, metric }) => name ?? metric),
    ...tests.map(({ name }) => name),
  ]);
  // A gate's id begins with its name: `recall.maxRegression[region=south]`. The others have no entry of their own in the policy.
  const names = [...new Set([...known, 'contract', 'card', 'baseline'])];
  if (!names.some((name) => gate === name || gate.startsWith(`${name}.`) || gate.startsWith(`${name}[`))) {
    const near = nearestName(gate.split(/[.[]/)[0] ?? gate, names);
    return say(
      'unclear',
      'GATE_UNKNOWN',
      `The policy of the default branch has no gate ${quoted(gate)}.`,
      near ? `Did you mean \`${near}\`? The report names each gate.` : md`Copy its name from the report. The policy has ${listed(known)}.`,
    );
  }
  return weigh(call, situation, gate);
}

async function weigh(
  { context, number, onPull, cause }: CommandCall,
  { resumed, writtenAt }: CommandSituation,
  gate: string | null,
): Promise<Reply> {
  const { forge } = context;
  const pull = onPull ? await forge.pulls.read(number) : null;
  if (!pull) return say('refused', 'NOT_A_PULL', 'There is no pull request here to weigh.', 'Write the command on the pull request.');
  if (pull.state !== 'open')
    return say(
      'refused',
      'PULL_CLOSED',
      `This pull request is ${pull.state}, so there is nothing to weigh.`,
      'Open it again, or write on another one.',
    );
  if (pull.base !== forge.repository.defaultBranch)
    return say(
      'refused',
      'BASE_NOT_DEFAULT',
      md`This pull request goes onto ${code(pull.base)}; only changes of ${code(forge.repository.defaultBranch)} are weighed.`,
      'Change its base branch.',
    );

  const what = gate === null ? md`` : md` ${code(gate)} is judged again with all other gates.`;
  // A dispatch keeps no trace of who asked: where another process may have made it before it died, a run since then counts as ours.
  const { dispatched } = memoryOf(forge);
  if (dispatched.has(cause)) return started(md`A weigh run is on its way.${what}`);
  if (resumed) {
    const runs = await forge.actions.runs({ workflow: weighWorkflow, event: 'repository_dispatch' });
    const since = runs.find(({ createdAt }) => Date.parse(createdAt) >= writtenAt.getTime());
    if (since) return started(md`A weigh run was started after you asked: run ${code(String(since.id))}.${what}`);
  }

  const promotion = promotionOfPull(forge, pull);
  if (promotion) {
    const { model, stage, generation } = promotion;
    const version = await plannedVersion(forge, pull.head.sha, promotion);
    const id = promotionId(model, stage, generation);
    await dispatch({ model, promotion: id, version, pull: null, headSha: null });
    return started(md`A weigh run is on its way for the promotion ${code(id)}.${what}`);
  }
  await dispatch({ model: null, promotion: null, version: null, pull: number, headSha: pull.head.sha });
  return started(md`A weigh run is on its way for ${code(pull.head.sha.slice(0, 7))} and no other commit.${what}`);

  async function dispatch(request: Omit<WeighRequest, 'schema'>): Promise<void> {
    await forge.actions.dispatch(weighDispatch, weighRequestSchema.parse({ schema: 'weighin/weigh@1', ...request }));
    dispatched.add(cause);
  }
}

const started = (sentence: Markdown): Reply =>
  say('done', 'WEIGH_STARTED', sentence, "Wait for it: the pull request's comment updates itself. After a push, ask again.");

/** The version that a promotion's plan names; null where the branch holds none that can be read. */
async function plannedVersion(
  forge: CommandCall['context']['forge'],
  head: string,
  { model, stage, generation }: PromotionName,
): Promise<number | null> {
  const path = planPath(model, stage, generation);
  const [found] = await forge.git.read([{ ref: head, paths: [path] }]);
  const text = found?.files.get(path) ?? null;
  try {
    return text === null ? null : planDocumentSchema.parse(JSON.parse(text)).to.number;
  } catch {
    return null;
  }
}
