import { constants } from 'node:fs';
import { type FileHandle, mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import { InfrastructureError, UserError } from '../../errors.ts';
import type { Prediction } from '../../production/prediction-log.ts';
import type { PredictionSink } from '../../serving/prediction-sink.ts';
import { visibleText } from '../../words/visible-text.ts';

export interface LogSettings {
  readonly folder: string;
  /** First word of the files' names. */
  readonly model: string;
  /** A file is at most about this long … */
  readonly maxBytes: number;
  /** … and holds at most this long a time. */
  readonly maxMs: number;
  /** Lines that wait for the disk; those beyond it are dropped. */
  readonly maxWaiting: number;
  readonly flushMs: number;
  readonly date: () => Date;
  readonly warn: (line: string) => void;
}

/**
 * Writes the prediction log as JSON lines into a folder: `churn-20260105T080000Z-<process>-1.jsonl`, then `-2`. Answers hand their lines
 * over and go on; a timer writes them in one piece. A disk that fails loses lines, which are counted, and is tried again.
 * @throws UserError LOG_UNWRITABLE where a file has the folder's name; InfrastructureError LOG_UNWRITABLE where it can't be made otherwise
 */
export async function openLogWriter(settings: LogSettings): Promise<PredictionSink> {
  const { folder, model, maxBytes, maxMs, maxWaiting, flushMs, date, warn } = settings;
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const what = `The folder ${visibleText(folder)} can't be made (${codeOf(cause)}).`;
    // A file stands there: no trying again helps.
    if (['EEXIST', 'ENOTDIR'].includes(codeOf(cause)))
      throw new UserError('LOG_UNWRITABLE', what, 'A file has that name: give --log another folder.');
    throw new InfrastructureError('LOG_UNWRITABLE', what, { cause });
  }
  const waiting: Prediction[] = [];
  let written = 0;
  let dropped = 0;
  let file: { readonly handle: FileHandle; readonly begun: number; bytes: number } | null = null;
  let number = 0;
  let working: Promise<void> = Promise.resolve();
  let told = false;

  async function writeWaiting(): Promise<void> {
    while (waiting.length > 0) {
      // In pieces, so that turning many lines into text never holds up an answer for long.
      const lines = waiting.splice(0, 500);
      try {
        const text = Buffer.from(`${lines.map((line) => JSON.stringify(line)).join('\n')}\n`);
        const target = await openFile();
        await writeWhole(target, text);
        written += lines.length;
        told = false;
      } catch (error) {
        dropped += lines.length;
        await closeFile();
        if (!told) warn(`the prediction log can't be written (${codeOf(error)}); lines are lost until it can.`);
        told = true;
      }
    }
    if (file && date().getTime() - file.begun >= maxMs) await closeFile();
  }

  /** A piece is in the file whole or not at all: what a full disk took of it is cut off again. */
  async function writeWhole(target: NonNullable<typeof file>, text: Buffer): Promise<void> {
    let at = 0;
    try {
      while (at < text.length) at += (await target.handle.write(text, at)).bytesWritten;
    } catch (error) {
      if (at > 0) await target.handle.truncate(target.bytes).catch(() => undefined);
      throw error;
    }
    target.bytes += text.length;
  }

  async function openFile() {
    const now = date().getTime();
    if (file && (file.bytes >= maxBytes || now - file.begun >= maxMs)) await closeFile();
    if (!file) {
      const time = new Date(now).toISOString().replace(/[-:]|\.\d+/g, '');
      const name = `${model}-${time}-${process.pid}-${++number}.jsonl`;
      // Other processes may serve the same folder: a file is never shared.
      file = {
        handle: await open(join(folder, name), constants.O_CREAT | constants.O_EXCL | constants.O_WRONLY | constants.O_APPEND, 0o640),
        begun: now,
        bytes: 0,
      };
    }
    return file;
  }

  async function closeFile(): Promise<void> {
    const last = file;
    file = null;
    await last?.handle.close().catch(() => undefined);
  }

  const flush = () => {
    working = working.then(writeWaiting);
    return working;
  };
  const timer = setInterval(() => void flush(), flushMs).unref();

  return {
    write(line) {
      if (waiting.length >= maxWaiting) dropped++;
      else waiting.push(line);
    },
    flush,
    async close() {
      clearInterval(timer);
      await flush();
      await closeFile();
    },
    get written() {
      return written;
    },
    get dropped() {
      return dropped;
    },
  };
}

const codeOf = (cause: unknown) => (cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown');
