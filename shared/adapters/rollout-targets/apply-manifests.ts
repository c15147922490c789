import { InfrastructureError } from '../../errors.ts';
import type { DesiredTraffic } from '../../rollout/engine/traffic.ts';
import { nameOfVersion } from '../../rollout/engine/traffic.ts';
import type { ManifestFile } from '../../rollout/targets/manifest-file.ts';
import { commandEnvironment } from '../../training/command-environment.ts';
import { clipText, visibleText } from '../../words/visible-text.ts';
import type { ManifestTargetParts } from './open-manifest-target.ts';

/** A call to a target gets so long. */
const timeoutMs = 10_000;
const linesShown = 5;

/**
 * Hands manifests to a team's command on its standard input, all as one stream of documents (`kubectl apply -f -`). The command sees the
 * surroundings without tokens of the job, as training does.
 */
export async function applyManifests(
  command: string,
  files: readonly ManifestFile[],
  { model, stage, stable, candidate, percent }: DesiredTraffic,
  { runProcess, env, cwd }: Pick<ManifestTargetParts, 'runProcess' | 'env' | 'cwd'>,
): Promise<void> {
  const lines: string[] = [];
  const outcome = await runProcess({
    command,
    cwd,
    timeoutMs,
    input: joinDocuments(files),
    env: commandEnvironment(env, {
      WEIGHIN_MODEL: model,
      WEIGHIN_STAGE: stage,
      WEIGHIN_STABLE: nameOfVersion(stable),
      WEIGHIN_CANDIDATE: candidate ? nameOfVersion(candidate) : '',
      WEIGHIN_PERCENT: String(candidate ? percent : 0),
    }),
    onLine(line) {
      lines.push(line);
      if (lines.length > linesShown) lines.shift();
    },
  }).catch((error: unknown) => {
    if (error instanceof InfrastructureError) throw new InfrastructureError('TARGET_UNREACHABLE', error.message, { cause: error });
    throw error;
  });
  if (outcome.exitCode === 0 && !outcome.timedOut) return;
  const said = lines
    .map((line) => clipText(visibleText(line), 200))
    .filter((line) => line.trim() !== '')
    .join(' | ');
  const how = outcome.timedOut
    ? `did not end within ${timeoutMs / 1000} s`
    : outcome.exitCode === null
      ? `was ended by ${outcome.signal}`
      : `exited with ${outcome.exitCode}`;
  throw new InfrastructureError(
    outcome.timedOut ? 'TARGET_UNREACHABLE' : 'TARGET_REFUSED',
    `\`${clipText(visibleText(command), 120)}\` ${how}${said === '' ? ' and said nothing' : `: ${said}`}`,
  );
}

function joinDocuments(files: readonly ManifestFile[]): string {
  return files
    .map(({ text }, index) => `${index > 0 && !text.startsWith('---') ? '---\n' : ''}${text.endsWith('\n') ? text : `${text}\n`}`)
    .join('');
}
