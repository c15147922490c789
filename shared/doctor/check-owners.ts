import picomatch from 'picomatch';
import type { DoctorFacts } from './doctor-facts.ts';
import { type Finding, ok, wrong } from './finding.ts';

const guarded = [
  'contracts/x.odcs.yaml',
  'cards/x.md',
  'registry/x/stages/production.json',
  '.github/workflows/weighin-weigh.yml',
  '.github/CODEOWNERS',
];

/** Whether the files that decide about gates and stages have owners, by GitHub's reading of CODEOWNERS: the last match wins. */
export function checkOwners({ checkout, github }: DoctorFacts): readonly Finding[] {
  const { codeowners, configPath } = checkout;
  const lines = `/${configPath} /contracts/ /cards/ /registry/ /.github/`.split(' ').map((path) => `${path} @your-team`);
  const url =
    github.url && github.defaultBranch.known
      ? `${github.url}/blob/${github.defaultBranch.value}/${codeowners?.path ?? '.github/CODEOWNERS'}`
      : null;
  if (!codeowners)
    return [
      wrong(
        'NO_CODEOWNERS',
        'There is no CODEOWNERS: whoever may merge may loosen a gate.',
        `Write .github/CODEOWNERS with: ${lines.join(' · ')}`,
        url,
      ),
    ];
  const rules = readCodeowners(codeowners.text);
  const open = [configPath, ...guarded].filter((path) => !(rules.findLast(({ matches }) => matches(path))?.owners.length ?? 0));
  if (open.length === 0) return [ok('CODEOWNERS', 'Configuration, contracts, cards, registry and workflows have owners.')];
  const folders = [...new Set(open.map((path) => (path === configPath ? `/${path}` : `/${path.split('/')[0]}/`)))];
  return [
    wrong(
      'CODEOWNERS_INCOMPLETE',
      `Nobody owns ${folders.join(', ')}.`,
      `Add to ${codeowners.path}: ${folders.map((path) => `${path} @your-team`).join(' · ')}`,
      url,
    ),
  ];
}

interface OwnerRule {
  readonly matches: (path: string) => boolean;
  readonly owners: readonly string[];
}

/** Patterns are those of .gitignore without negation; a line without owners takes ownership away. */
export function readCodeowners(text: string): readonly OwnerRule[] {
  return text
    .split('\n')
    .map((line) => line.replace(/(?:^|\s)#.*$/, '').trim())
    .filter((line) => line !== '' && !/^[![]/.test(line))
    .map((line) => {
      const [pattern = '', ...owners] = line.split(/\s+/);
      return { matches: matcher(pattern), owners: owners.filter((owner) => /^@|.@./.test(owner)) };
    });
}

function matcher(pattern: string): (path: string) => boolean {
  const anchored = pattern.slice(0, -1).includes('/');
  const core = pattern.replace(/^\//, '').replace(/\/$/, '');
  const globs = pattern.endsWith('/') ? [`${core}/**`] : [core, ...(core.endsWith('*') && anchored ? [] : [`${core}/**`])];
  return picomatch(anchored ? globs : globs.flatMap((glob) => [glob, `**/${glob}`]), { dot: true });
}
