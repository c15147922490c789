import { createReadStream } from 'node:fs';
import { createGunzip } from 'node:zlib';
import { UserError } from '../errors.ts';
import type { SourceFile } from './table-source.ts';

/** What a file's own first line and every byte after it say. */
export interface ScannedCsv {
  readonly delimiter: string;
  /** Names as the header gives them; an unnamed column, as pandas writes its index, is `column<position from 0>`. */
  readonly header: readonly string[];
  readonly rows: number;
}

const comma = 44;
const quote = 34;
const lineFeed = 10;
const carriageReturn = 13;
/** In the order in which a tie is settled. */
const delimiters = [comma, 59, 9, 124];

/**
 * Walks a CSV's bytes by the quoting rules of RFC 4180 and refuses what the engine may read wrong in silence: a quote that never
 * closes, text after a closing quote, a row with another number of fields than the header. The delimiter is the one of `, ; tab |`
 * that the header has most of. Nothing of the file's content is put into a message.
 */
export async function scanCsv(file: SourceFile): Promise<ScannedCsv> {
  const refuse = (line: number, what: string, hint: string) =>
    new UserError('DATA_UNREADABLE', `${file.path}, line ${line}: ${what}.`, hint, { file: file.path, line });

  const raw = createReadStream(file.file, { highWaterMark: 1 << 20 });
  const bytes = /\.gz$/i.test(file.path) ? raw.pipe(createGunzip()) : raw;
  let headerBytes = Buffer.alloc(0);
  let header: readonly string[] | undefined;
  let delimiter = comma;
  // Asserted, since the compiler doesn't see what the closures below assign.
  let state = 'start' as 'start' | 'plain' | 'quoted' | 'closing';
  let line = 1;
  let openedAt = 1;
  let fields = 1;
  let blank = true;
  let rows = 0;
  let afterReturn = false;

  const endRecord = (): void => {
    if (!(blank && (header?.length ?? 2) > 1)) {
      if (header && fields !== header.length) {
        const hint = "Correct that row: quote a field that holds the delimiter, and give every row the header's number of fields.";
        throw refuse(line, `this row has ${fields} ${fields === 1 ? 'field' : 'fields'}, the header has ${header.length}`, hint);
      }
      rows++;
    }
    fields = 1;
    blank = true;
    state = 'start';
  };

  const scan = (chunk: Buffer): void => {
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at]!;
      if (state === 'quoted') {
        if (byte === quote) state = 'closing';
        else if (byte === lineFeed) line++;
        continue;
      }
      if (byte === lineFeed || byte === carriageReturn) {
        if (byte === lineFeed && afterReturn) afterReturn = false;
        else {
          endRecord();
          line++;
          afterReturn = byte === carriageReturn;
        }
        continue;
      }
      afterReturn = false;
      blank = false;
      if (byte === delimiter) {
        fields++;
        state = 'start';
      } else if (byte === quote && state === 'start') {
        state = 'quoted';
        openedAt = line;
      } else if (byte === quote && state === 'closing') state = 'quoted';
      else if (state === 'closing')
        throw refuse(line, 'there is text after a closing quote', 'Double the quotes inside a quoted field: "say ""hi""".');
      else state = 'plain';
    }
  };

  try {
    for await (const chunk of bytes as AsyncIterable<Buffer>) {
      if (header) {
        scan(chunk);
        continue;
      }
      headerBytes = Buffer.concat([headerBytes, chunk]);
      const end = endOfRecord(headerBytes);
      if (end === undefined) continue;
      const bodyStart = headerBytes[end] === carriageReturn && headerBytes[end + 1] === lineFeed ? end + 2 : end + 1;
      ({ header, delimiter } = readHeader(headerBytes.subarray(0, end), refuse));
      line += count(headerBytes.subarray(0, bodyStart), lineFeed) || 1;
      scan(headerBytes.subarray(bodyStart));
    }
  } catch (cause) {
    if (cause instanceof UserError) throw cause;
    throw refuse(line, "the file can't be decompressed or read to its end", 'Write it again; it may have been cut short.');
  }
  if (!header) ({ header, delimiter } = readHeader(headerBytes, refuse));
  if (state === 'quoted')
    throw refuse(openedAt, 'a quote opens here and never closes', 'Close it, or double it if it belongs to the text.');
  if (!blank) endRecord();
  return { delimiter: String.fromCharCode(delimiter), header, rows };
}

function count(bytes: Buffer, wanted: number): number {
  let found = 0;
  for (const byte of bytes) if (byte === wanted) found++;
  return found;
}

/** Where the first line break outside quotes stands. */
function endOfRecord(bytes: Buffer): number | undefined {
  let quoted = false;
  for (let at = 0; at < bytes.length; at++) {
    if (bytes[at] === quote) quoted = !quoted;
    else if (!quoted && (bytes[at] === lineFeed || (bytes[at] === carriageReturn && at + 1 < bytes.length))) return at;
  }
  return undefined;
}

type Refuse = (line: number, what: string, hint: string) => UserError;

function readHeader(record: Buffer, refuse: Refuse): { readonly header: readonly string[]; readonly delimiter: number } {
  if ((record[0] === 0xff && record[1] === 0xfe) || (record[0] === 0xfe && record[1] === 0xff)) {
    throw refuse(1, 'the file is UTF-16', 'Save it as UTF-8.');
  }
  const text = record.toString('utf8').replace(/^\uFEFF/, '');
  const unquoted = text.replace(/"(?:[^"]|"")*"/g, '');
  const occurrences = delimiters.map((code) => unquoted.split(String.fromCharCode(code)).length - 1);
  const delimiter = delimiters[occurrences.indexOf(Math.max(...occurrences))] ?? comma;
  const header = splitRecord(text, String.fromCharCode(delimiter)).map((name, index) => name || `column${index}`);

  if (header.every((name) => name.trim() !== '' && Number.isFinite(Number(name)))) {
    throw refuse(1, 'the first line holds numbers, not column names', 'Write the column names as the first line.');
  }
  // SQL names don't tell case apart.
  const seen = new Map<string, string>();
  for (const name of header) {
    const twin = seen.get(name.toLowerCase());
    if (twin !== undefined) {
      const what = twin === name ? `column ${name} stands twice` : `columns ${twin} and ${name} differ in case alone`;
      throw refuse(1, `in the header, ${what}`, 'Rename one of them.');
    }
    seen.set(name.toLowerCase(), name);
  }
  return { header, delimiter };
}

function splitRecord(text: string, delimiter: string): readonly string[] {
  const fields: string[] = [];
  let field = '';
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"' && quoted && text[at + 1] === '"') field += text[++at];
    else if (character === '"') quoted = !quoted;
    else if (character === delimiter && !quoted) {
      fields.push(field);
      field = '';
    } else field += character;
  }
  return [...fields, field];
}
