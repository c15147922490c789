import type { Readable } from 'node:stream';
import { StringDecoder } from 'node:string_decoder';

/** A line longer than this is cut: nobody reads it, and a log without line ends must not fill the memory. */
const longestLine = 2_000;

/** Calls `onLine` for each line of a stream; the returned function hands out what is left without a line end. */
export function splitLines(stream: Readable, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  stream.on('data', (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split('\n');
    rest = (lines.pop() ?? '').slice(-longestLine * 4);
    for (const line of lines) onLine(plainLine(line));
  });
  return () => {
    const last = rest + decoder.end();
    rest = '';
    if (last !== '') onLine(plainLine(last));
  };
}

/**
 * What a terminal would show of a line in the end: text after the last carriage return (progress bars), no escape sequences and no
 * control characters, and none of the marks that make a GitHub runner read a line as a command.
 */
export function plainLine(line: string): string {
  const shown = line.replace(/\r+$/, '');
  return (
    shown
      .slice(shown.lastIndexOf('\r') + 1)
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)|[@-Z\\-_])/g, '')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
      .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '')
      .replaceAll('##[', '# #[')
      .slice(0, longestLine)
  );
}
