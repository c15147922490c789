import { readDuration } from '../../shared/config/quantities.ts';
import { UserError } from '../../shared/errors.ts';
import type { Profile } from '../../shared/profile/profile.ts';
import { shownSource } from '../../shared/source/table-address.ts';
import { formatBytes, formatMany } from '../../shared/words/format-number.ts';
import { visibleText } from '../../shared/words/visible-text.ts';
import type { Arguments, CommandIo, CommandSpec, ExitCode } from '../command.ts';
import { profileTableText } from '../profile-table-text.ts';

export const command = {
  name: 'profile',
  summary: 'Count a table into a small file that drift can be told from, merge such files, show one',
  description: [
    'A profile holds counts alone: of values or buckets, of missing ones, and exact sums. Profiles of parts merge to the profile of the whole, byte for byte, whichever engine counted: files, PostgreSQL or Spark.',
    '`weighin profile merge A B …` adds profiles of the same columns; `weighin profile show P.json` prints one, and writes a page with --html.',
    'An edited profile is refused. With --outward the file holds nothing that may not leave the runner: rare values are hashed, numbers are buckets, sums and extremes are rounded.',
  ],
  positionals: [
    { name: 'action', description: '`merge` or `show`; none to count what --data names.' },
    { name: 'files', description: 'Profiles to merge or to show.', many: true },
  ],
  options: {
    data: {
      description: 'CSV, Parquet, JSON lines or a glob; postgres://… or sc://… with a table.',
      kind: 'path',
      placeholder: 'FILE',
    },
    output: { description: 'Where the profile is written.', kind: 'path', placeholder: 'P.json' },
    by: { description: 'Count each value of this column apart; of two columns joined by a comma, each pair.', placeholder: 'COLUMN' },
    window: { description: 'Count each window of this length apart: 1d, 12h, 7d. Needs --time.', placeholder: 'LENGTH' },
    time: { description: 'The column of dates or timestamps that windows go by.', placeholder: 'COLUMN' },
    outward: { description: 'Write only what may leave the runner.', kind: 'flag' },
    html: { description: 'Write the profile as a page, too.', kind: 'path', placeholder: 'FILE' },
  },
  examples: [
    { command: 'weighin profile --data week.parquet --output week.json', does: 'counts a file' },
    { command: 'weighin profile --data log.csv --window 1d --time at --output days.json', does: 'each day apart, in one scan' },
    { command: 'weighin profile merge mon.json tue.json --output week.json', does: 'adds two profiles' },
    { command: 'weighin profile show week.json --html week.html', does: 'a table, and a page' },
  ],
  exits: { 0: 'counted, merged or shown' },
} as const satisfies CommandSpec;

type Args = Arguments<typeof command>;

export async function run(args: Args, io: CommandIo): Promise<ExitCode> {
  switch (args.action) {
    case undefined:
      return countData(args, io);
    case 'merge':
      return mergeFiles(args, io);
    case 'show':
      return showFile(args, io);
    default:
      throw new UserError(
        'ACTION_UNKNOWN',
        `\`weighin profile ${visibleText(args.action)}\` is nothing it knows.`,
        'Write `weighin profile --data FILE --output P.json`, `profile merge A B …` or `profile show P.json`.',
      );
  }
}

async function countData(args: Args, io: CommandIo): Promise<ExitCode> {
  const { data, output } = args;
  if (data === undefined) throw new UserError('FLAG_MISSING', 'No data is named.', 'Write `--data FILE`.');
  const out = requireOutput(output, io);
  const window = windowOf(args);
  io.progress.step('reading', shownSource(data));
  const [{ openTable }, { profileTable }] = await Promise.all([
    import('../../shared/adapters/open-table.ts'),
    import('../../shared/profile/profile-table.ts'),
  ]);
  const { engine, source, close } = await openTable({ source: data, root: io.cwd, env: io.env });
  let profile: Profile;
  try {
    const names = new Set(source.columns.map(({ name }) => name));
    const by = args.by === undefined || names.has(args.by) ? args.by : args.by.split(',');
    profile = await profileTable(engine, source, { ...(by !== undefined && { by: [by].flat() }), ...(window && { window }) });
  } finally {
    await close();
  }
  await write(profile, out, args, io);
  return 0;
}

function windowOf({ window, time }: Args): { readonly column: string; readonly milliseconds: number } | undefined {
  if (window === undefined && time === undefined) return undefined;
  if (window === undefined || time === undefined) {
    const [given, missing] = window === undefined ? ['--time', '--window'] : ['--window', '--time'];
    throw new UserError('FLAG_NEEDS_OTHER', `${given} goes with ${missing}.`, 'Write for example `--window 1d --time created_at`.');
  }
  const milliseconds = readDuration(window);
  if (milliseconds === null || !Number.isSafeInteger(milliseconds) || milliseconds < 1_000) {
    throw new UserError(
      'WINDOW_INVALID',
      `--window ${visibleText(window)} is no length of at least a second.`,
      'Write a number and its unit: 30m, 12h, 1d, 1w.',
    );
  }
  return { column: time, milliseconds };
}

async function mergeFiles(args: Args, io: CommandIo): Promise<ExitCode> {
  if (args.files.length < 2) throw new UserError('FILES_MISSING', 'Nothing to merge.', 'Name two profiles or more.');
  const out = requireOutput(args.output, io);
  const { mergeProfiles } = await import('../../shared/profile/merge-profiles.ts');
  const profiles: Profile[] = [];
  for (const file of args.files) profiles.push(await readFrom(file, io));
  await write(mergeProfiles(profiles, args.files), out, args, io);
  return 0;
}

async function showFile(args: Args, io: CommandIo): Promise<ExitCode> {
  const [file, another] = args.files;
  if (file === undefined || another !== undefined) {
    throw new UserError('FILES_MISSING', 'One profile is shown at a time.', 'Write `weighin profile show P.json`.');
  }
  const profile = await readFrom(file, io);
  await io.writeJson(profile);
  io.print(profileTableText(profile, io.colors, io.columns));
  await writePage(profile, file, args.html, io);
  return 0;
}

async function writePage(profile: Profile, file: string, html: string | undefined, io: CommandIo): Promise<void> {
  if (html === undefined) return;
  const [{ renderProfileHtml }, { basename }] = await Promise.all([
    import('../../shared/report/profile/render-profile-html.ts'),
    import('node:path'),
  ]);
  await writeOutput(html, renderProfileHtml(profile, { name: basename(file) }), 'page', io);
  io.print(visibleText(html));
}

async function writeOutput(file: string, text: string, what: string, io: CommandIo): Promise<void> {
  const [{ writeWhole }, { resolve }] = await Promise.all([import('../../shared/pipeline/run-folder.ts'), import('node:path')]);
  await writeWhole(resolve(io.cwd, file), text).catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    throw new UserError(
      'OUTPUT_UNWRITABLE',
      `The ${what} can't be written to ${visibleText(file)} (${code}).`,
      'Name a file that can be written.',
    );
  });
}

/** `-`, the usual name for stdout, is not taken: `--json` prints a profile there. */
function requireOutput(output: string | undefined, io: CommandIo): string | undefined {
  if (output !== undefined || io.wantsJson) return output;
  throw new UserError('FLAG_MISSING', 'Nowhere to write the profile to.', 'Write `--output P.json`, or `--json` for stdout.');
}

async function readFrom(file: string, io: CommandIo): Promise<Profile> {
  const [{ readFile }, { resolve }, { readProfile }] = await Promise.all([
    import('node:fs/promises'),
    import('node:path'),
    import('../../shared/profile/read-profile.ts'),
  ]);
  const text = await readFile(resolve(io.cwd, file), 'utf8').catch((cause: unknown) => {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown';
    if (code === 'ENOENT') throw new UserError('PROFILE_NOT_FOUND', `There is no profile at ${visibleText(file)}.`, 'Correct the path.');
    throw new UserError('PROFILE_UNREADABLE', `${visibleText(file)} can't be read (${code}).`, 'Name a file, and look at its permissions.');
  });
  return readProfile(text, file);
}

async function write(profile: Profile, output: string | undefined, { outward, html, data }: Args, io: CommandIo): Promise<void> {
  const [{ outwardProfile }, { profileText }] = await Promise.all([
    import('../../shared/profile/outward-profile.ts'),
    import('../../shared/profile/profile-text.ts'),
  ]);
  const written = outward ? outwardProfile(profile) : profile;
  await io.writeJson(written);
  if (output === undefined) {
    // Stdout is the JSON's.
    await writePage(written, data ?? 'profile', html, { ...io, print() {} });
    return;
  }
  const text = profileText(written);
  await writeOutput(output, text, 'profile', io);
  const parts = written.by.length > 0 || written.window ? ` in ${formatMany(written.cells.length, 'part')}` : '';
  io.print(
    `${io.colors.bold(visibleText(output))}: ${formatMany(written.rows, 'row')}${parts}, ${formatMany(written.columns.length, 'column')}, ${formatBytes(Buffer.byteLength(text))}${outward ? ', only what may leave the runner' : ''}`,
  );
  await writePage(written, output, html, io);
}
