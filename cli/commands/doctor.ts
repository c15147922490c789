import type { GitHubFacts } from '../../shared/doctor/doctor-facts.ts';
import type { Finding } from '../../shared/doctor/finding.ts';
import { UserError } from '../../shared/errors.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';

export const command = {
  name: 'doctor',
  summary: 'Check that nothing stands open: App, rulesets, owners, environments, workflows, store',
  description: [
    'Looks at the checkout and, with a token in GITHUB_TOKEN or GH_TOKEN, asks GitHub; says of each finding what to click and where. What could not be asked is listed as such and never taken for what is not there. It changes nothing.',
    'Also tells how far the repository has come (manual, pipeline, CI/CD, full automation) and what the next level asks for.',
    'With APP_ID and PRIVATE_KEY it reads what the App was granted here; with --app what the App asks for. Who may pass a ruleset only an administrator’s token sees.',
  ],
  options: {
    app: { description: "The App's name in its address: weighin for github.com/apps/weighin.", placeholder: 'NAME' },
    repo: { description: 'The repository, where no remote says which it is.', placeholder: 'OWNER/NAME' },
  },
  examples: [
    { command: 'GH_TOKEN=$(gh auth token) weighin doctor --app weighin', does: 'everything that this token may see' },
    { command: 'weighin doctor --json -', does: 'the findings for a script' },
  ],
  exits: {
    0: 'all was asked and nothing is wrong',
    1: 'something is wrong: it protects nothing, or stops everybody',
    3: 'nothing wrong was found, but not everything could be asked',
  },
} as const satisfies CommandSpec;

export async function run({ app, repo }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ readCheckout }, { diagnose }, { readGit }, { maturityLevels }, { resolve, dirname }] = await Promise.all([
    import('../../shared/adapters/github-doctor/read-checkout.ts'),
    import('../../shared/doctor/diagnose.ts'),
    import('../../shared/adapters/git/read-git.ts'),
    import('../../shared/doctor/maturity.ts'),
    import('node:path'),
  ]);
  if (repo !== undefined && !/^[\w.-]+\/[\w.-]+$/.test(repo))
    throw new UserError('REPO_INVALID', `--repo ${repo} names no repository.`, 'Write it as owner/name.');
  const configFile = resolve(io.cwd, io.configFile);
  const git = await readGit(dirname(configFile)).catch(() => null);
  io.progress.step('reading', io.configFile);
  const checkout = await readCheckout(git?.top ?? dirname(configFile), configFile);
  const github = await ask(io, repo ?? io.env['GITHUB_REPOSITORY'] ?? git?.repository ?? null, app);
  const diagnosis = diagnose({ checkout, github });
  await io.writeJson(diagnosis);

  const { verdict, findings, maturity } = diagnosis;
  const { bold, green, red, yellow, dim } = io.colors;
  const count = (status: Finding['status']) => findings.filter((one) => one.status === status).length;
  const unasked = count('unknown') > 0 ? `, ${count('unknown')} could not be asked` : '';
  io.print(
    verdict === 'healthy'
      ? green('✓ Nothing stands open.')
      : verdict === 'wrong'
        ? red(`✗ ${count('wrong')} to mend${unasked}.`)
        : yellow(`? Nothing wrong was found${unasked}.`),
  );
  const marks: Record<Finding['status'], string> = { wrong: red('✗'), unknown: yellow('?'), advice: yellow('!'), ok: green('✓') };
  for (const { status, code, says, fix, url } of findings) {
    io.print(`${status === 'ok' ? '' : '\n'}${marks[status]} ${says} ${dim(code)}`);
    if (fix) io.print(`  ${fix}`);
    if (url) io.print(`  ${dim(url)}`);
  }
  io.print(`\n${bold(`Level ${maturity.level} of ${maturityLevels.length - 1}: ${maturity.name}.`)}`);
  const next = maturityLevels[maturity.level + 1];
  if (next) io.print(`For ${next}: ${maturity.missing.join('; ')}.`);
  return verdict === 'healthy' ? 0 : verdict === 'wrong' ? 1 : 3;
}

async function ask(io: CommandIo, repository: string | null, appSlug: string | undefined): Promise<GitHubFacts> {
  const { askGitHub, notAsked } = await import('../../shared/adapters/github-doctor/ask-github.ts');
  const { GITHUB_API_URL, GITHUB_SERVER_URL, GITHUB_TOKEN, GH_TOKEN, APP_ID, PRIVATE_KEY } = io.env;
  const webUrl = GITHUB_SERVER_URL || 'https://github.com';
  const [owner, name] = repository?.split('/') ?? [];
  if (!owner || !name) return notAsked(null, 'no remote says which repository this is; name it with --repo.');
  const token = GITHUB_TOKEN || GH_TOKEN;
  if (!token) return notAsked(`${webUrl}/${owner}/${name}`, 'there is no token; set GITHUB_TOKEN or GH_TOKEN.');
  io.progress.step('asking', `${owner}/${name}`);
  return askGitHub({
    owner,
    name,
    token,
    webUrl,
    baseUrl: GITHUB_API_URL || 'https://api.github.com',
    userAgent: `weighin/${io.version}`,
    appSlug,
    ...(APP_ID && PRIVATE_KEY && { key: { appId: Number(APP_ID), privateKey: PRIVATE_KEY.replaceAll('\\n', '\n') } }),
  });
}
