import type { StageHistory, Turn } from '../../shared/promotion/stage-history.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { minute, printSource, stagesOf, withPromotions } from '../open-promotions.ts';

export const command = {
  name: 'history',
  summary: 'Tell what a stage ran and when, who approved it, and on what evidence',
  description: ['Reads the history of the stage file and the events of weighin/state, from Git alone. With --at, what ran at that moment.'],
  positionals: [
    { name: 'model', description: 'Name.', required: true },
    { name: 'stage', description: 'A stage of the model, such as production.', required: true },
  ],
  options: { at: { description: 'A date (its end, in UTC) or an instant with its offset.', placeholder: 'DATE' } },
  examples: [
    { command: 'weighin history churn production', does: 'the newest first' },
    { command: 'weighin history churn production --at 2026-11-21', does: 'what ran at the end of that day' },
  ],
  exits: { 0: 'told, also where nothing was promoted yet' },
} as const satisfies CommandSpec;

export async function run({ model, stage, at }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const instant = at === undefined ? null : await readInstant(at);
  const [{ stageHistory, stayAt }, { UserError }] = await Promise.all([
    import('../../shared/promotion/stage-history.ts'),
    import('../../shared/errors.ts'),
  ]);
  return withPromotions(model, io, async (opened) => {
    const stages = stagesOf(opened, model);
    if (!stages.includes(stage))
      throw new UserError(
        'STAGE_UNKNOWN',
        `${model} has no stage ${stage}.`,
        stages.length > 0 ? `It has: ${stages.join(', ')}.` : 'It has none yet.',
      );
    const files = await opened.files.stage(model, stage);
    const history = stageHistory(files);
    const { bold, dim } = io.colors;
    if (instant) {
      const stay = stayAt(history, instant);
      const turn =
        stay &&
        (history.turns.find(({ version }) => version.digest === stay.version.digest && version.number === stay.version.number) ?? null);
      await io.writeJson({ model, stage, at: instant.toISOString(), ran: stay, by: turn });
      if (!stay) io.print(`${model} ${stage} ran nothing at ${minute(instant.toISOString())} UTC that Git tells of.`);
      else {
        const until = stay.to === null ? 'still does' : `until ${minute(stay.to)}`;
        io.print(`${bold(`${model} ${stage}`)} ran ${bold(`v${stay.version.number}`)} at ${minute(instant.toISOString())} UTC`);
        io.print(`  since ${minute(stay.from)} by ${stay.by}, ${until}  ${dim(stay.version.digest)}`);
        if (turn) await printTurn(turn, io);
      }
    } else {
      await io.writeJson({ model, stage, ...history });
      if (history.turns.length === 0) io.print(`Nothing promoted yet to ${model} ${stage}.`);
      for (const turn of history.turns) {
        io.print(
          `${bold(`${String(turn.generation).padStart(3)}  v${turn.version.number}`.padEnd(11))} ${minute(turn.mergedAt)}  ${words[turn.operation]}, ${turn.outcome}`,
        );
        await printTurn(turn, io);
      }
      printStays(history, io);
    }
    printSource(opened, io);
    return 0;
  });
}

const words: Readonly<Record<Turn['operation'], string>> = { promote: 'promotion', adopt: 'adoption', rollback: 'rollback' };

async function printTurn(
  { requestedBy, reason, approvals, overrides, evidence, plan, commit }: Turn,
  { print, colors }: CommandIo,
): Promise<void> {
  const { visibleText } = await import('../../shared/words/visible-text.ts');
  const { dim } = colors;
  if (requestedBy) print(`  asked for by @${visibleText(requestedBy.login)}${reason === null ? '' : `: ${visibleText(reason)}`}`);
  if (approvals.length > 0)
    print(`  approved by ${approvals.map(({ person, as }) => `@${visibleText(person.login)} (${visibleText(as)})`).join(', ')}`);
  for (const { gate, reason: why, by } of overrides)
    print(`  ${visibleText(gate)} was answered for by @${visibleText(by.login)}: ${visibleText(why)}`);
  if (evidence.verdict)
    print(`  evidence ${evidence.trust ?? 'of unknown trust'}, verdict ${evidence.verdict}  ${dim(`report ${evidence.report ?? 'none'}`)}`);
  print(dim(`  plan ${plan}, commit ${commit.slice(0, 8)}`));
}

function printStays({ stays }: StageHistory, { print, colors }: CommandIo): void {
  if (stays.length === 0) return;
  print(colors.bold('What ran'));
  for (const { from, to, version, by } of stays)
    print(`  ${`v${version.number}`.padEnd(5)} ${minute(from)} to ${to === null ? 'now'.padEnd(16) : minute(to)}  by ${by}`);
}

async function readInstant(text: string): Promise<Date> {
  // A date is its whole day: what ran by the end of it.
  const date = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T23:59:59.999Z` : text);
  if (/^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:\d{2}))?$/.test(text) && !Number.isNaN(date.getTime()))
    return date;
  const { UserError } = await import('../../shared/errors.ts');
  throw new UserError('DATE_INVALID', `--at ${text} is no date.`, 'Write it as 2026-11-21, or as 2026-11-21T12:00:00Z.');
}
