import type { DoctorFacts, WorkflowFile } from './doctor-facts.ts';
import { advice, type Finding, ok, wrong } from './finding.ts';

interface Wanted {
  readonly path: string;
  readonly what: string;
  readonly triggers: readonly string[];
  /** One of its `uses:` starts so, and goes on with `@`. */
  readonly uses: string;
  readonly needed: boolean;
  /** Runs with what a pull request must not reach: it never checks that out. */
  readonly trusted: boolean;
}

/** As `weighin init` writes them: by what starts them and what they use. */
const wantedWorkflows: readonly Wanted[] = [
  {
    path: '.github/workflows/weighin.yml',
    what: 'weighs each pull request',
    triggers: ['pull_request'],
    uses: 'weighin/weighin',
    needed: true,
    trusted: false,
  },
  {
    path: '.github/workflows/weighin-weigh.yml',
    what: 'measures on trusted code',
    triggers: ['workflow_run', 'repository_dispatch'],
    uses: 'weighin/weighin/actions/weigh',
    needed: true,
    trusted: true,
  },
  {
    path: '.github/workflows/weighin-bot.yml',
    what: 'is the bot without a server',
    triggers: ['issue_comment', 'pull_request_target', 'workflow_run', 'schedule'],
    uses: 'weighin/weighin/actions/bot',
    needed: false,
    trusted: true,
  },
];

/** The command that leaves this file. */
const written = (path: string) =>
  path.endsWith('/weighin.yml') ? 'weighin init' : path.endsWith('-bot.yml') ? 'weighin init --bot=workflow' : 'weighin init --bot=app';

export function checkWorkflows({ checkout, github }: DoctorFacts): readonly Finding[] {
  return wantedWorkflows.flatMap((wanted) => {
    const { path, what, needed } = wanted;
    const file = checkout.workflows.get(path);
    const url = github.url && github.defaultBranch.known ? `${github.url}/blob/${github.defaultBranch.value}/${path}` : null;
    if (file === undefined)
      return needed ? [wrong('NO_WORKFLOW', `${path}, which ${what}, is not here.`, `\`${written(path)}\` writes it.`, url)] : [];
    if (file === null) return [wrong('WORKFLOW_UNREADABLE', `${path} is no YAML.`, `\`${written(path)} --force\` writes it again.`, url)];
    const findings = checkOne(wanted, file, url);
    return findings.length > 0 ? findings : [ok('WORKFLOW', `${path} ${what}.`)];
  });
}

function checkOne({ path, triggers, uses, trusted }: Wanted, file: WorkflowFile, url: string | null): readonly Finding[] {
  const missing = triggers.filter((trigger) => !(trigger in file.on));
  const filtered = triggers.filter((trigger) => file.on[trigger]?.paths);
  const own = file.uses.filter((one) => one === uses || one.startsWith(`${uses}@`));
  return [
    ...(missing.length > 0
      ? [
          wrong(
            'WORKFLOW_NOT_STARTED',
            `${path} is not started by ${missing.join(', ')}.`,
            `Add ${missing.join(', ')} under on:, as \`weighin init\` writes it.`,
            url,
          ),
        ]
      : []),
    ...(filtered.length > 0
      ? [
          wrong(
            'PATHS_FILTER',
            `${path} has a paths: filter: where it does not run, a required check never reports, and nobody can merge.`,
            'Remove the filter: a run without affected models ends in seconds and says so.',
            url,
          ),
        ]
      : []),
    ...(own.length === 0
      ? [wrong('WORKFLOW_USES_OTHER', `${path} does not use ${uses}.`, `\`${written(path)} --force\` writes it again.`, url)]
      : []),
    ...(trusted && file.checksOutRef
      ? [
          wrong(
            'WORKFLOW_CHECKS_OUT',
            `${path} runs with what a pull request must not reach, and checks out a ref of its own.`,
            'Remove the ref: it must run the default branch’s code only.',
            url,
          ),
        ]
      : []),
    ...(own.some((one) => /@(?:main|master|latest)$/.test(one))
      ? [advice('WORKFLOW_NOT_PINNED', `${path} uses whatever ${uses} is today.`, 'Name a release, or better a commit.', url)]
      : []),
  ];
}
