import { UserError } from '../../shared/errors.ts';
import type { RunContext } from '../../shared/pipeline/run-context.ts';
import type { Proof } from '../../shared/pipeline/verify/proof.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { versionName, withContext } from '../run-options.ts';
import type { Level, ProvedEvidence } from '../verify/prove-evidence.ts';

export const command = {
  name: 'verify',
  summary: 'Prove a version: every digest, and who measured it',
  description: [
    'Digests record, model and report anew, takes the decision again from the report, and proves who measured it: by the signature of the weigh run, else by the facts of its run that GitHub tells (run-verified).',
    'Asks GitHub with GITHUB_TOKEN or GH_TOKEN. `--bundle` and `--trusted-root` prove a signature without any network.',
  ],
  positionals: [{ name: 'version', description: 'As churn@v12.', required: true }],
  options: {
    bundle: { description: 'A Sigstore bundle, instead of the one that was kept.', kind: 'path', placeholder: 'FILE' },
    'trusted-root': {
      description: 'Roots to hold signatures against, as `gh attestation trusted-root` prints them.',
      kind: 'path',
      placeholder: 'FILE',
    },
    branch: { description: 'The branch whose weigh run signs, where GitHub is not asked.', default: 'main' },
    'self-hosted': { description: 'Takes signatures of runners of your own too.', kind: 'flag' },
  },
  examples: [
    { command: 'weighin verify churn@v12', does: 'with a token: every digest, and who measured it' },
    { command: 'weighin verify churn@v12 --bundle b.json --trusted-root roots.jsonl', does: 'the same without asking GitHub' },
  ],
  exits: { 0: 'proved', 1: 'something is not what it says', 3: 'somebody could not be asked' },
} as const satisfies CommandSpec;

export async function run(args: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const named = versionName(args.version);
  const { proveVersion } = await import('../../shared/pipeline/verify/prove-version.ts');
  return withContext({}, io, async (context) => {
    const { store } = await context.store();
    io.progress.step('proving', args.version);
    const version = await proveVersion({ store, root: context.root }, named.model, named.version);
    const evidence = await askEvidence(args, context, { version, store });
    const proofs = [...version.proofs, ...evidence.proofs];
    const name = `${named.model}@v${named.version}`;
    const exit: ExitCode = proofs.some(({ status }) => status === 'broken') ? 1 : evidence.level === 'unknown' ? 3 : 0;
    await io.writeJson({ version: name, proved: exit === 0, level: evidence.level, record: version.digest, proofs });
    print(io, name, proofs, evidence.level);
    return exit;
  });
}

type Question = Parameters<typeof import('../verify/prove-evidence.ts')['proveEvidence']>[0];

async function askEvidence(
  args: Arguments<typeof command>,
  context: RunContext,
  subject: Pick<Question, 'version' | 'store'>,
): Promise<ProvedEvidence> {
  const [{ proveEvidence }, { createVerifyEvidence, evidenceSettings }, { createTrustedRoots, readTrustedRoots }] = await Promise.all([
    import('../verify/prove-evidence.ts'),
    import('../../shared/adapters/sigstore/create-verify-evidence.ts'),
    import('../../shared/adapters/sigstore/read-trusted-roots.ts'),
  ]);
  const { env } = context;
  const file = args['trusted-root'];
  const trustedRoots = file === undefined ? createTrustedRoots(env) : () => readTrustedRoots(file);
  const { runners = ['github-hosted'], issuer } = evidenceSettings(env);
  const accepted = args['self-hosted'] ? [...runners, 'self-hosted'] : runners;
  const settings = { runners: accepted, ...(issuer === undefined ? {} : { issuer }) };
  const bundle = args.bundle === undefined ? undefined : await readBundle(args.bundle);
  const { repository } = await context.source();
  if (bundle !== undefined && repository === null)
    throw new UserError(
      'REPOSITORY_UNKNOWN',
      'Nothing here says whose weigh run must have signed.',
      'Run it in a clone with the remote `origin`, or set GITHUB_REPOSITORY=owner/name.',
    );
  const { weighWorkflow } = await import('../../shared/promotion/evidence-document.ts');
  return proveEvidence({
    ...subject,
    bundle,
    trustedRoots,
    connect: async () => (bundle === undefined ? connect(env, repository) : null),
    verify: createVerifyEvidence({ trustedRoots, ...settings }),
    signer: {
      server: env['GITHUB_SERVER_URL'] ?? 'https://github.com',
      // Never by the record: it is what is to be proved.
      repository: repository ?? '',
      repositoryId: null,
      workflow: weighWorkflow,
      branch: args.branch,
      ...settings,
    },
  });
}

async function connect(env: CommandIo['env'], repository: string | null): ReturnType<Question['connect']> {
  const { githubApi, githubToken } = await import('../../shared/adapters/github-store/connect-github.ts');
  const token = githubToken(env);
  const [owner, repo, ...more] = repository?.split('/') ?? [];
  if (!token || !owner || !repo || more.length > 0) return null;
  const { connectForge } = await import('../../shared/adapters/github-forge/connect-forge.ts');
  return connectForge({ owner, repo, credentials: { token }, baseUrl: githubApi(env), environment: env });
}

async function readBundle(file: string): Promise<unknown> {
  const { readFile } = await import('node:fs/promises');
  try {
    const bundle: unknown = JSON.parse(await readFile(file, 'utf8'));
    return bundle ?? {};
  } catch (cause) {
    const why = cause instanceof SyntaxError ? 'it is no JSON' : 'it can’t be read';
    throw new UserError(
      'BUNDLE_INVALID',
      `${file} is no Sigstore bundle: ${why}.`,
      'Take one: gh attestation download FILE --repo OWNER/NAME',
    );
  }
}

const levels: Readonly<Record<Level, string>> = {
  attested: 'measured and signed by the weigh run',
  'run-verified': 'measured by the weigh run (run-verified: no signature, by what GitHub says of the run)',
  claimed: 'claimed, made where the training’s own code ran; who made it is not proved',
  unknown: 'who measured it could not be asked',
};

function print({ colors, print: say }: CommandIo, name: string, proofs: readonly Proof[], level: Level): void {
  const wrong = proofs.filter(({ status }) => status === 'broken');
  if (wrong.length > 0) say(`${colors.red('✗')} ${colors.bold(name)} is not what it says: ${wrong.map(({ code }) => code).join(', ')}`);
  else if (level === 'unknown') say(`${colors.yellow('?')} ${colors.bold(name)}: its digests are right; ${levels[level]}`);
  else say(`${colors.green('✓')} ${colors.bold(name)}: ${level === 'claimed' ? 'its digests are right' : 'proved'}; ${levels[level]}`);
  for (const { status, says, digest } of proofs) {
    const mark = status === 'proved' ? colors.green('✓') : status === 'broken' ? colors.red('✗') : colors.dim('–');
    say(`  ${mark} ${visibleText(says)}`);
    if (digest !== null) say(`    ${colors.dim(digest)}`);
  }
}
