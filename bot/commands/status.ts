import { type Hold, type LiveDocument, terminalPhases } from '../../shared/promotion/live-document.ts';
import type { StageDocument } from '../../shared/registry/stage-document.ts';
import { code, joinMarkdown, type Markdown, md } from '../../shared/words/markdown.ts';
import { clipText } from '../../shared/words/visible-text.ts';
import { ageWords } from '../board/moment-words.ts';
import type { BotContext, Reply } from '../bot-context.ts';
import { readWorkspace } from '../state/workspace.ts';
import type { CommandCall, CommandLine } from './command-line.ts';
import { knownNumbers } from './known-numbers.ts';
import { configOf, modelOf } from './model-of.ts';
import { say } from './say.ts';

/** More rows than a person reads. */
const mostRows = 40;

/** Every stage of every model, or of one: what it should run, what it does, what holds it, and the newest version beside. */
export async function status({ model }: Extract<CommandLine, { name: 'status' }>, { context }: CommandCall): Promise<Reply> {
  const { forge, heard } = context;
  const workspace = await readWorkspace(context);
  if (model !== null) modelOf(workspace.policy, model);
  else configOf(workspace.policy);
  const now = await forge.now();
  const keys = workspace.stages.filter((key) => model === null || key.model === model);
  if (keys.length === 0)
    return say(
      'done',
      'NO_STAGES',
      'weighin.yaml of the default branch declares no stage.',
      'Add `stages: {production: {approvals: 1}}` to a model.',
    );
  const newest = await knownNumbers(forge, model);
  const rows = keys.map((key) => {
    const last = newest.get(key.model)?.at(-1);
    return md`| ${code(key.model)} | ${code(key.stage)} | ${wanted(workspace.stage(key))} | ${running(workspace.live(key), now, heard)} | ${held(workspace.live(key), now)} | ${
      last === undefined ? '–' : `v${last}`
    } |`;
  });
  const left = rows.length - mostRows;
  const table = [md`| model | stage | should run | runs | held | newest |`, md`|:--|:--|:--|:--|:--|:--|`, ...rows.slice(0, mostRows)];
  const more = left > 0 && md`\n\n${left} more stages are not shown; name a model.`;
  return say(
    'done',
    'STATUS',
    md`As Git says it at ${code(workspace.mainHead.slice(0, 7))}:\n\n${joinMarkdown(table, '\n')}${more}`,
    '`/diff` with a model shows what its newest version would change.',
  );
}

const operations: Readonly<Record<StageDocument['operation'], string>> = { promote: 'promotion', adopt: 'adoption', rollback: 'rollback' };
const wanted = (stage: StageDocument | null): Markdown =>
  stage ? md`**v${stage.version.number}** by ${operations[stage.operation]} ${stage.generation}` : md`nothing yet`;

function running(live: LiveDocument | null, now: Date, heard: BotContext['heard']): Markdown {
  if (!live || (!live.stable && !live.candidate)) return md`not started`;
  const { phase, stable, candidate, weight } = live;
  const at = live.verified.findLast(({ digest }) => digest === stable?.digest)?.at;
  const settled = stable ? md`v${stable.number}${at && ` since ${at.slice(0, 10)}`}` : md`nothing`;
  if (terminalPhases.includes(phase)) return phase === 'idle' || phase === 'succeeded' ? settled : md`${settled}, ${phase}`;
  const share = weight ? ` at ${weight.observed ?? weight.desired} %` : '';
  return md`${settled}, ${phase}${candidate && ` v${candidate.number}${share}`}${guarded(live, now, heard)}`;
}

/** A guard tells the bot of each look, and Git of every fifth minute's. */
function guarded({ guard, rolloutId }: LiveDocument, now: Date, heard: BotContext['heard']): string {
  const at = (rolloutId === null ? null : heard?.(rolloutId)?.at) ?? guard?.lastAt;
  return at ? `, last guarded ${ageWords((now.getTime() - Date.parse(at)) / 1000)} ago` : guard ? ', guarded by nobody yet' : '';
}

function held(live: LiveDocument | null, now: Date): Markdown {
  const holds = (live?.holds ?? []).filter(({ until }) => until === null || Date.parse(until) > now.getTime());
  return holds.length === 0 ? md`–` : joinMarkdown(holds.map(oneHold), '<br>');
}

const oneHold = ({ reason, by, until }: Hold): Markdown =>
  md`${clipText(reason, 100)} (${by.login}${until && `, until ${until.slice(0, 16)}Z`})`;
