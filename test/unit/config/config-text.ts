import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError } from '../../../shared/config/config-error.ts';
import { loadConfig } from '../../../shared/config/load-config.ts';
import { UserError } from '../../../shared/errors.ts';

/** Writes files into a new folder and gives its path. */
export async function folderOf(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'weighin-config-'));
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

export const loadText = async (text: string, others: Readonly<Record<string, string>> = {}) =>
  loadConfig('weighin.yaml', { root: await folderOf({ 'weighin.yaml': text, ...others }) });

/** The lines of what was refused, each `file:line:column message`. */
export async function refused(text: string, others: Readonly<Record<string, string>> = {}): Promise<readonly string[]> {
  try {
    await loadText(text, others);
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    if (error instanceof UserError) return [`${error.code} ${error.message}`];
    throw error;
  }
  return [];
}

/** A model that is right, with its parts replaced: `model({data: '{…}'})`. */
export function config(parts: Readonly<Record<string, string>> = {}, rest = ''): string {
  const all = {
    task: 'binary',
    data: '{source: data.csv, label: y}',
    training: '{command: python train.py}',
    evaluation: '{gates: [{metric: roc_auc, min: 0.8}]}',
    ...parts,
  };
  const lines = Object.entries(all)
    .filter(([, value]) => value !== '')
    .map(([key, value]) => `    ${key}: ${value}\n`);
  return `version: 1\nmodels:\n  churn:\n${lines.join('')}${rest}`;
}
