import { setTimeout as sleep } from 'node:timers/promises';
import picomatch from 'picomatch';
import type { RolloutConfig, TargetConfig } from '../../config/rollout-schema.ts';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { Forge, RefFiles } from '../../promotion/forge.ts';
import { liveBranch } from '../../promotion/state-paths.ts';
import type { RolloutTarget } from '../../rollout/engine/rollout-target.ts';
import type { DesiredTraffic } from '../../rollout/engine/traffic.ts';
import { createManifestKind } from '../../rollout/targets/create-manifest-kind.ts';
import {
  type LiveManifest,
  observeManifests,
  readLiveManifest,
  sameTraffic,
  withRecord,
  writtenBefore,
} from '../../rollout/targets/live-manifest.ts';
import type { ManifestFile } from '../../rollout/targets/manifest-file.ts';
import type { ManifestKind } from '../../rollout/targets/manifest-kind.ts';
import { refuseMirror } from '../../rollout/targets/refuse-mirror.ts';
import type { RunProcess } from '../../training/run-process.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import { applyManifests } from './apply-manifests.ts';

export type ManifestTargetConfig = Extract<TargetConfig, { readonly kind: 'kserve' | 'argo-rollouts' | 'gateway-api' | 'template' }>;

export interface ManifestTargetParts {
  readonly forge: Pick<Forge, 'git' | 'repository'>;
  /** Of `apply:`. */
  readonly runProcess: RunProcess;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder that the command runs in. */
  readonly cwd: string;
}

/** Guards and bots that race lose to each other a few times at most; more says that something else writes. */
const attempts = 5;
/** A folder of templates is small; a pattern that takes the whole repository is a mistake. */
const mostFiles = 100;

/**
 * Targets that are files of the team's own repository. The manifest is read from the default branch and edited; what comes of it is one
 * commit to `weighin/live`, on top of what was seen there, or goes to the command of `apply:`. The live branch itself remembers which wish
 * it shows, so any process can tell what is so, and one that was overtaken is refused.
 */
export function openManifestTarget(
  config: ManifestTargetConfig,
  rollout: { readonly name: string; readonly definition: RolloutConfig },
  parts: ManifestTargetParts,
): RolloutTarget {
  const kind = createManifestKind(config, rollout.definition, rollout.name);
  return config.apply === undefined ? liveTarget(kind, rollout.name, parts) : commandTarget(kind, rollout.name, config.apply, parts);
}

function liveTarget(kind: ManifestKind, rollout: string, { forge }: ManifestTargetParts): RolloutTarget {
  let seen: RefFiles | undefined;
  return {
    kind: kind.kind,
    leases: false,
    mirrors: kind.mirrors,
    async apply(desired) {
      if (!kind.mirrors) refuseMirror(desired, kind.kind);
      for (let attempt = 1; attempt <= attempts; attempt++) {
        if (await reached(() => writeOnce(desired))) return;
        await sleep(20 * attempt * (1 + Math.random()));
      }
      throw new InfrastructureError('TARGET_UNREACHABLE', `${liveBranch} was changed by somebody else ${attempts} times in a row.`);
    },
    observe: (desired) => reached(async () => observeManifests(kind, (await readLive(desired)).own)),
    close: async () => undefined,
  };

  /** false where somebody was faster. */
  async function writeOnce(desired: DesiredTraffic): Promise<boolean> {
    const sources = await readSources(forge, kind, rollout);
    const { commit, own, texts } = await readLive(desired);
    const shown = own.reduce((highest, { wish }) => Math.max(highest, wish.revision), -1);
    if (desired.revision < shown)
      throw new InfrastructureError(
        'TARGET_REFUSED',
        `${liveBranch} shows revision ${shown} of ${desired.model} ${desired.stage}; ${desired.revision} is older and comes from a process that was overtaken.`,
      );
    const before = writtenBefore(own);
    const rendered = kind.render(sources, desired, before);
    for (const { file } of rendered) refuseForeign(file, readLiveManifest(file, texts.get(file) ?? ''), desired);
    const from = clipText(visibleText(kind.sources.join(', ')), 200);
    // A wish for what is so already keeps the line of its first revision: nothing is committed for a number.
    const wish = before && sameTraffic(before.wish, desired) ? before.wish : desired;
    const files = rendered.map((file) => ({ path: file.file, text: withRecord(kind, wish, file, from) }));
    const write = files.filter(({ path, text }) => texts.get(path) !== text);
    const wanted = new Set(files.map(({ path }) => path));
    const remove = own.map(({ file }) => file).filter((file) => !wanted.has(file));
    if (write.length === 0 && remove.length === 0) return true;
    const message = `${headline(desired)}\n\n${desired.rolloutId}, revision ${desired.revision}\n\n[skip ci]`;
    if (commit === null) return (await forge.git.createOrphanBranch(liveBranch, message, write)) === 'created';
    return (await forge.git.commit({ branch: liveBranch, expectedHead: commit, message, write, remove })).committed;
  }

  /** The live branch as it stands: all texts that this target may write, and of them those that it wrote for this stage. */
  async function readLive({ model, stage }: DesiredTraffic) {
    const live = kind.into === null ? await readPaths(kind.livePaths) : await readFolder(kind.into);
    const texts = live?.files ?? new Map<string, string | null>();
    const own = [...texts].flatMap(([file, text]): LiveManifest[] => {
      const found = text === null ? null : readLiveManifest(file, text);
      return found && found.wish.model === model && found.wish.stage === stage && found.kind === kind.kind ? [found] : [];
    });
    return { commit: live?.commit ?? null, texts, own };
  }

  async function readPaths(paths: readonly string[], ref: string = liveBranch): Promise<RefFiles | undefined> {
    return (await forge.git.read([{ ref, paths }]))[0];
  }

  async function readFolder(folder: string): Promise<RefFiles | undefined> {
    const head = await forge.git.head(liveBranch);
    if (head === null) return undefined;
    // A commit never changes, and the guard asks at every tick.
    if (seen?.commit === head) return seen;
    const paths = (await forge.git.list(head, folder)).filter(({ mode }) => mode === 'file').map(({ path }) => path);
    seen = paths.length === 0 ? { ref: head, commit: head, files: new Map() } : await readPaths(paths, head);
    return seen;
  }
}

function commandTarget(kind: ManifestKind, rollout: string, command: string, parts: ManifestTargetParts): RolloutTarget {
  // What was handed over last: nobody else knows it, and another process knows nothing.
  let applied: readonly LiveManifest[] = [];
  let sources: readonly ManifestFile[] | null = null;
  return {
    kind: kind.kind,
    leases: false,
    mirrors: kind.mirrors,
    async apply(desired) {
      if (!kind.mirrors) refuseMirror(desired, kind.kind);
      const [last] = applied;
      if (last && desired.revision < last.wish.revision)
        throw new InfrastructureError(
          'TARGET_REFUSED',
          `revision ${last.wish.revision} of ${desired.model} ${desired.stage} was applied; ${desired.revision} is older.`,
        );
      try {
        sources = await reached(() => readSources(parts.forge, kind, rollout));
      } catch (error) {
        // Toward stable never waits for GitHub: the manifest as it was read last does.
        if (!(error instanceof InfrastructureError) || !sources) throw error;
      }
      const rendered = kind.render(sources, desired, writtenBefore(applied));
      await applyManifests(command, rendered, desired, parts);
      applied = rendered.map(({ file, text }) => ({ file, text, kind: kind.kind, wish: desired, touched: false }));
    },
    observe: async ({ model, stage }) =>
      observeManifests(
        kind,
        applied.filter(({ wish }) => wish.model === model && wish.stage === stage),
      ),
    close: async () => undefined,
  };
}

async function readSources(forge: ManifestTargetParts['forge'], kind: ManifestKind, rollout: string): Promise<readonly ManifestFile[]> {
  const branch = forge.repository.defaultBranch;
  const paths = kind.glob ? await matching(forge, kind.sources, branch, rollout) : kind.sources;
  const [found] = await forge.git.read([{ ref: branch, paths }]);
  return paths.map((file) => {
    const text = found?.files.get(file) ?? null;
    if (text !== null) return { file, text };
    throw new UserError(
      'MANIFEST_NOT_FOUND',
      `${file} is not on ${branch}, or is no text.`,
      `Commit it there, or correct \`target\` of rollouts.${rollout}.`,
      { file },
    );
  });
}

async function matching(
  forge: ManifestTargetParts['forge'],
  globs: readonly string[],
  branch: string,
  rollout: string,
): Promise<readonly string[]> {
  const matches = picomatch([...globs]);
  const files = (await forge.git.list(branch, '')).filter(({ path, mode }) => (mode === 'file' || mode === 'executable') && matches(path));
  const where = `\`target.files\` of rollouts.${rollout}`;
  if (files.length === 0)
    throw new UserError('MANIFEST_NOT_FOUND', `No file on ${branch} matches ${globs.join(', ')}.`, `Correct ${where}.`);
  if (files.length > mostFiles)
    throw new UserError(
      'MANIFEST_SEVERAL',
      `${files.length} files on ${branch} match ${globs.join(', ')}; ${mostFiles} is the most.`,
      `Narrow ${where}.`,
    );
  return files.map(({ path }) => path).sort();
}

function refuseForeign(file: string, found: LiveManifest | null, { model, stage }: DesiredTraffic): void {
  if (!found || (found.wish.model === model && found.wish.stage === stage)) return;
  throw new UserError(
    'MANIFEST_TAKEN',
    `${file} of ${liveBranch} shows ${found.wish.model} ${found.wish.stage}, and ${model} ${stage} would write it too.`,
    'Give each stage a manifest of its own, or templates another `into:`.',
    { file },
  );
}

function headline({ model, stage, stable, candidate, percent, mirror }: DesiredTraffic): string {
  const rest = candidate ? (mirror ? `, v${candidate.number} mirrored` : `, v${candidate.number} at ${percent} %`) : ' alone';
  return `${model} ${stage}: v${stable.number}${rest}`;
}

/** The forge's own words for "nobody answered" become a target's. */
async function reached<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof InfrastructureError) || error.code.startsWith('TARGET_')) throw error;
    throw new InfrastructureError(
      error.code === 'FORGE_REFUSED' ? 'TARGET_REFUSED' : 'TARGET_UNREACHABLE',
      `${liveBranch}: ${error.message}`,
      {
        cause: error,
      },
    );
  }
}
