import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';

export const root = join(import.meta.dirname, '..', '..');

const stepSchema = z.strictObject({
  name: z.string().optional(),
  id: z.string().optional(),
  if: z.string().optional(),
  uses: z.string().optional(),
  with: z.record(z.string(), z.union([z.string(), z.boolean(), z.number()])).optional(),
  shell: z.string().optional(),
  env: z.record(z.string(), z.string()).optional(),
  run: z.string().optional(),
  'continue-on-error': z.boolean().optional(),
});
export type Step = z.infer<typeof stepSchema>;

/** An `action.yml` of this repository; strict, so that a key nobody looked at can't slip in. */
export const actionFileSchema = z.strictObject({
  name: z.string().min(1),
  description: z.string().min(1),
  author: z.string(),
  branding: z.strictObject({ icon: z.string(), color: z.string() }).optional(),
  inputs: z.record(z.string(), z.strictObject({ description: z.string(), required: z.boolean(), default: z.string().optional() })),
  outputs: z.record(z.string(), z.strictObject({ description: z.string(), value: z.string() })),
  runs: z.strictObject({ using: z.literal('composite'), steps: z.array(stepSchema) }),
});
export type ActionFile = z.infer<typeof actionFileSchema>;

/** Path of an action's `action.yml` below the repository, and from its folder to the repository's. */
export const actionPath = (name: string) =>
  name === 'weighin' ? { file: 'action.yml', up: '' } : { file: `actions/${name}/action.yml`, up: '/../..' };

/** Every action that a team can name: `action.yml` at the top, and those in folders. */
export const actionNames = (): string[] => [
  'weighin',
  ...readdirSync(join(root, 'actions')).filter((name) => existsSync(join(root, 'actions', name, 'action.yml'))),
];

export const readActionFile = (name: string): { readonly text: string; readonly action: ActionFile } => {
  const text = readFileSync(join(root, actionPath(name).file), 'utf8');
  return { text, action: actionFileSchema.parse(parse(text)) };
};
