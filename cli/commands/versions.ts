import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { oneModel, withContext } from '../run-options.ts';

export const command = {
  name: 'versions',
  summary: 'List the versions of a model and where each of them stands',
  description: [
    'Reads the store and the history of the stage files in Git. Where a version stands is derived: registered, staging, production, archived or rejected.',
  ],
  positionals: [{ name: 'model', description: 'Name; not needed where there is one.' }],
  options: {},
  examples: [{ command: 'weighin versions churn', does: 'the newest first' }],
  exits: { 0: 'listed, also where there is none' },
} as const satisfies CommandSpec;

export async function run({ model }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const [{ listVersions }, { lifecycle }, { readStageHistory }] = await Promise.all([
    import('../../shared/registry/read-versions.ts'),
    import('../../shared/registry/lifecycle.ts'),
    import('../../shared/adapters/git/read-stage-history.ts'),
  ]);
  return withContext({}, io, async (context) => {
    const name = oneModel(context, model);
    const { store } = await context.store();
    const versions = await listVersions(store, name);
    const standing = lifecycle(
      versions.map(({ record }) => record),
      await readStageHistory(context.root, name),
    );
    const listed = versions
      .map(({ record }, index) => ({
        ...standing[index],
        createdAt: record.createdAt,
        verdict: record.evaluation?.verdict ?? null,
        trust: record.trust,
        digest: record.subject.digest,
        bytes: record.subject.bytes,
      }))
      .reverse();
    await io.writeJson({ model: name, store: store.location, versions: listed });
    if (listed.length === 0) io.print(`${name} has no version yet in ${store.location}. \`weighin register\` gives it the first.`);
    for (const { number, state, stages, createdAt, verdict, trust, digest } of listed) {
      const place = stages && stages.length > 0 ? stages.join(', ') : state;
      io.print(
        `${io.colors.bold(`v${number}`.padEnd(5))} ${(place ?? '').padEnd(12)} ${createdAt.slice(0, 16).replace('T', ' ')}  ${(verdict ?? 'not judged').padEnd(12)} ${trust.padEnd(8)} ${io.colors.dim(digest.slice(7, 19))}`,
      );
    }
    return 0;
  });
}
