import { getBlob } from '../../shared/registry/blobs.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { versionName, withContext } from '../run-options.ts';

export const command = {
  name: 'show',
  summary: 'Show a version: what it is made of, and the report that judged it',
  description: ['Reads the record from the store, and the report by its digest, which is verified. `--json` gives both whole.'],
  positionals: [{ name: 'version', description: 'As churn@v12.', required: true }],
  options: { html: { description: 'Write the report as a page to this file.', kind: 'path', placeholder: 'FILE' } },
  examples: [{ command: 'weighin show churn@v12 --html v12.html', does: 'its report, as it was' }],
  exits: { 0: 'shown' },
} as const satisfies CommandSpec;

export async function run({ version, html }: Arguments<typeof command>, io: CommandIo): Promise<ExitCode> {
  const named = versionName(version);
  const [{ readVersion }, { reportSchema }, { renderTerminal }] = await Promise.all([
    import('../../shared/registry/read-versions.ts'),
    import('../../shared/report/report.ts'),
    import('../../shared/report/terminal/render-terminal.ts'),
  ]);
  return withContext({}, io, async (context) => {
    const { store } = await context.store();
    const { record } = await readVersion(store, named.model, named.version);
    const bytes = record.evaluation && (await getBlob(store, record.evaluation.report));
    const report = bytes ? reportSchema.parse(JSON.parse(new TextDecoder().decode(bytes))) : null;
    await io.writeJson({ record, report });
    const { bold, dim } = io.colors;
    const fact = (name: string, value: string | null | undefined) => value && io.print(`  ${dim(name.padEnd(9))} ${value}`);
    io.print(bold(`${record.model}@v${record.number}`));
    fact('born', `${record.createdAt.slice(0, 16).replace('T', ' ')} UTC by ${record.source.builder}, ${record.trust}`);
    fact('model', `${record.subject.format}, ${record.subject.bytes} bytes, ${record.subject.digest}`);
    fact('commit', record.source.commit && `${record.source.commit}${record.source.repository ? ` of ${record.source.repository}` : ''}`);
    fact('dataset', record.dataset?.digest);
    fact('trained', record.training && (record.training.command ?? record.training.trainer ?? null));
    fact('policy', record.evaluation?.policy);
    fact('report', record.evaluation?.report);
    if (report) io.print(`\n${renderTerminal(report, { color: io.colors.isColorSupported, width: io.columns })}`);
    else io.print('  It was adopted: nothing was evaluated here.');
    if (report && html !== undefined) {
      const [{ renderHtml }, { writeWhole }, { resolve }] = await Promise.all([
        import('../../shared/report/html/render-html.ts'),
        import('../../shared/pipeline/run-folder.ts'),
        import('node:path'),
      ]);
      await writeWhole(resolve(io.cwd, html), renderHtml(report));
      io.print(`\n${html}`);
    }
    return 0;
  });
}
