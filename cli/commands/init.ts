import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path';
import { UserError } from '../../shared/errors.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import type { ChosenColumns } from '../init/choose-columns.ts';
import type { ProjectSetup } from '../init/find-python.ts';

export const command = {
  name: 'init',
  summary: 'Write a first configuration, contract and workflow from a data file',
  description: [
    'Looks at the data once and writes weighin.yaml (in mode advise: it tells and blocks nothing), a contract that the data satisfies as it is, and a workflow that runs on every pull request. Guesses what columns are for by their names and counts; every guess is one word in the file.',
    'Finds how the project installs Python packages and which scripts train and predict. Without a training script the built-in logistic regression stands in, so that what is written passes at once.',
    'With --bot and without --data it adds the bot to a configuration that is there, and leaves that as it is.',
    'Writes all of the files or none, and never over one that is there unless --force says so.',
  ],
  options: {
    data: { description: 'CSV, Parquet or JSON lines; a glob takes several files. Only --bot goes without.', kind: 'path' },
    label: { description: 'The column to predict; guessed by its name (label, target, y, churned …).', placeholder: 'COLUMN' },
    model: {
      description: "The model's name; the label's by default, or the file's where the label is only called label.",
      placeholder: 'NAME',
    },
    bot: {
      description:
        'Also write the workflows of the bot: app (a server speaks as an App) or workflow (without hosting: the bot runs in Actions).',
      values: ['app', 'workflow'],
      bare: 'app',
      placeholder: 'WHERE',
    },
    force: { description: 'Write over files that are there.', kind: 'flag' },
  },
  examples: [
    {
      command: 'weighin init --data data/customers.parquet',
      does: 'writes weighin.yaml, contracts/churned.odcs.yaml and .github/workflows/weighin.yml',
    },
    {
      command: 'weighin init --data data/customers.parquet --bot=workflow',
      does: 'also the weigh run, the bot and the relay of reviews, as workflows',
    },
    { command: 'weighin init --bot', does: 'the weigh run, beside the weighin.yaml that you have' },
    { command: 'weighin init --data "data/*.csv" --label late --model flight-delay', does: 'several files, a label of your own' },
  ],
  exits: { 0: 'all files are written' },
} as const satisfies CommandSpec;

export async function run({ data, label, model: named, force, bot }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [
    { openDuckDB },
    { openSource },
    { inferContract },
    { chooseColumns },
    { findPython },
    { findRepository },
    compose,
    workflows,
    { writeNewFiles },
  ] = await Promise.all([
    import('../../shared/adapters/duckdb/open-duckdb.ts'),
    import('../../shared/source/table-source.ts'),
    import('../../shared/contract/infer-contract.ts'),
    import('../init/choose-columns.ts'),
    import('../init/find-python.ts'),
    import('../init/find-repository.ts'),
    import('../init/compose-files.ts'),
    import('../init/bot-workflows.ts'),
    import('../init/write-new-files.ts'),
  ]);
  const configFile = resolve(io.cwd, io.configFile);
  if (data === undefined) return await addBotTo(configFile, bot, force, io);
  const folder = dirname(configFile);
  const source = sourceFrom(folder, resolve(io.cwd, data), data);

  io.progress.step('reading', data);
  const engine = await openDuckDB();
  try {
    const table = await openSource(engine, { source, root: folder });
    const columns = await chooseColumns(engine, table, { label });
    const model = modelName(named, columns.label, source);
    const contract = `contracts/${model}.odcs.yaml`;
    const contractText = await inferContract(engine, table, {
      label: columns.label,
      ...(columns.id === undefined ? {} : { id: columns.id }),
    });
    const [project, repository] = await Promise.all([findPython(folder), findRepository(folder)]);

    const inRepository = (path: string) => relative(folder, join(repository.top, path)).replaceAll('\\', '/');
    const composition = {
      model,
      source,
      contract,
      columns,
      project,
      defaultBranch: repository.defaultBranch,
      within: repository.within,
      configName: basename(configFile),
      ...(bot && { bot: { version: io.version } }),
    };
    const workflow = inRepository('.github/workflows/weighin.yml');
    const config = basename(configFile);
    const pinnedTo = { ...composition, version: io.version };
    const botFiles = {
      ...(bot && { [inRepository('.github/workflows/weighin-weigh.yml')]: workflows.composeWeighWorkflow(pinnedTo) }),
      ...(bot === 'workflow' && {
        [inRepository('.github/workflows/weighin-bot.yml')]: workflows.composeBotWorkflow(pinnedTo),
        [inRepository('.github/workflows/weighin-review.yml')]: workflows.composeReviewRelay(),
      }),
    };
    const files = {
      [config]: compose.composeConfig(composition),
      [contract]: contractText,
      [workflow]: compose.composeWorkflow(composition),
      ...botFiles,
    };
    await writeNewFiles(folder, files, force);

    await io.writeJson({
      model,
      files: { config, contract, workflow, ...(bot && { bot: Object.keys(botFiles) }) },
      columns: {
        label: columns.label,
        positive: columns.positive,
        id: columns.id ?? null,
        time: columns.time ?? null,
        excluded: columns.exclude,
      },
      project,
      defaultBranch: repository.defaultBranch,
    });
    const { bold, green } = io.colors;
    const width = Math.max(...Object.keys(files).map((path) => path.length));
    const wrote = (path: string, what: string) => `  ${green(path.padEnd(width))}  ${what}`;
    io.print(
      [
        bold('Wrote'),
        wrote(config, `one model, ${model}; mode advise blocks nothing`),
        wrote(contract, 'what the data satisfies today'),
        wrote(workflow, `runs on pull requests and on ${repository.defaultBranch}`),
        ...Object.keys(botFiles).map((path) => wrote(path, botWords(path))),
        '',
        bold('Found'),
        ...found(columns, project).map((line) => `  ${line}`),
        '',
        bold('Next'),
        ...next(columns, project, repository.isGit, source).map((line) => `  ${line}`),
        ...(bot ? ['  weighin doctor              says what GitHub’s settings still need: environments, rulesets, CODEOWNERS'] : []),
      ].join('\n'),
    );
    return 0;
  } finally {
    await engine.close();
  }
}

/** Without data there is nothing to look at: the bot joins what somebody wrote before. */
async function addBotTo(configFile: string, bot: string | undefined, force: boolean, io: CommandIo): Promise<ExitCode> {
  if (bot === undefined)
    throw new UserError('INPUT_MISSING', '`--data` is required.', 'Give it: CSV, Parquet or JSON lines; a glob takes several files.');
  const { addBot } = await import('../init/add-bot.ts');
  const paths = await addBot({ configFile, where: bot, version: io.version, force });
  await io.writeJson({ files: { bot: paths } });
  const { bold, green } = io.colors;
  const width = Math.max(...paths.map((path) => path.length));
  io.print(
    [
      bold('Wrote'),
      ...paths.map((path) => `  ${green(path.padEnd(width))}  ${botWords(path)}`),
      '',
      bold('Next'),
      '  .github/workflows/weighin.yml   its name stays weighin; give the step comment: "off", register: "off" and the job',
      '                                  permissions: {contents: read}, since the bot comments and the weigh run registers',
      `  ${basename(configFile).padEnd(30)}  store: github, or a bucket: the weigh run has to reach it`,
      '  weighin doctor                  says what GitHub’s settings still need: environments, rulesets, CODEOWNERS',
    ].join('\n'),
  );
  return 0;
}

const botWords = (path: string) =>
  path.endsWith('-weigh.yml')
    ? 'measures what a pull request claims'
    : path.endsWith('-bot.yml')
      ? 'the bot, without hosting'
      : 'tells the bot of reviews';

function found(
  { label, labelBy, positive, positives, rows, id, time, exclude }: ChosenColumns,
  { tool, setup, train, predict, onnx, pickle }: ProjectSetup,
): readonly string[] {
  const share = ((positives / rows) * 100).toFixed(1);
  return [
    `label ${visibleText(label)}${labelBy === 'given' ? '' : ' (by its name)'}: ${visibleText(positive)} counts as positive, ${share} % of ${rows.toLocaleString('en-US')} rows`,
    id === undefined ? "no column that names each row once: a row's whole content names it" : `id ${visibleText(id)}: unique in every row`,
    ...(time === undefined ? [] : [`time ${visibleText(time)}: when a row was known`]),
    ...exclude.slice(0, 5).map(({ column, because }) => `left out ${visibleText(column)}: ${because}`),
    ...(exclude.length > 5 ? [`left out ${exclude.length - 5} more: see exclude`] : []),
    ...(tool === undefined ? [] : [`${tool}: ${setup}`]),
    train === undefined
      ? 'no training script (train.py): the built-in logistic regression trains'
      : `training by ${train}${predict ? `, predictions by ${predict}` : ''}`,
    ...(train === undefined && onnx !== undefined
      ? [`${onnx}: to weigh it instead, write model: {file: ${onnx}} for the training line`]
      : []),
    ...(train === undefined && onnx === undefined && pickle !== undefined
      ? [`${pickle}: to weigh it, write a predict.py and model: {format: command}`]
      : []),
  ];
}

function next(
  { id }: ChosenColumns,
  { train, trainKnowsWeighin, predict }: ProjectSetup,
  isGit: boolean,
  source: string,
): readonly string[] {
  return [
    ...(train !== undefined && !trainKnowsWeighin
      ? [`let ${train} read $WEIGHIN_TRAIN and leave its ${predict ? 'model' : 'model.onnx'} in the folder $WEIGHIN_OUTPUT`]
      : []),
    'weighin run                 weighs it here, as the workflow will',
    'weighin plan                checks the file after an edit',
    ...(isGit
      ? ['git add -A && git commit    then open a pull request']
      : ['git init                    the workflow needs a repository on GitHub']),
    ...(id === undefined ? ['name an `id` in weighin.yaml if the data has one: without it equal rows count as one'] : []),
    ...(source.startsWith('../') || isAbsolute(source)
      ? [`${visibleText(source)} lies outside this folder: the workflow will not find it there`]
      : []),
  ];
}

/** As the config should say it: from the config's own folder, unless it is an address or lies elsewhere. */
function sourceFrom(folder: string, absolute: string, typed: string): string {
  if (typed.includes('://')) return typed;
  const path = relative(folder, absolute).replaceAll('\\', '/');
  return isAbsolute(typed) && path.startsWith('..') ? typed : path;
}

/** The label says what the model is about, unless it only says that it is a label. */
function modelName(named: string | undefined, label: string, source: string): string {
  if (named !== undefined) {
    if (/^[a-z0-9][a-z0-9-]{0,62}$/.test(named)) return named;
    throw new UserError(
      'MODEL_NAME_INVALID',
      `\`${visibleText(named)}\` can't name a model: names stand in paths and branches.`,
      'Use a-z, 0-9 and "-", at most 63 characters.',
    );
  }
  const generic = /^(?:label|target|y|class|outcome)$/i.test(label);
  const file = source.split('/').at(-1) ?? '';
  return slug(generic ? file.replace(/\..*$/, '') : label) || slug(label) || 'model';
}

/** An accent goes and its letter stays: `gekündigt` is `gekundigt`, not `gek-ndigt`. */
const slug = (text: string) =>
  text
    .normalize('NFKD')
    .replaceAll(/\p{M}/gu, '')
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1-$2')
    .toLowerCase()
    .replaceAll('ß', 'ss')
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^-+|-+$/g, '')
    .slice(0, 63)
    .replace(/-+$/, '');
