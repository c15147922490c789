import { readFile } from 'node:fs/promises';
import * as core from '@actions/core';
import { openBotParts } from '../../bot/open-bot-parts.ts';
import { advisoryLines } from '../../bot/workflow/advisory.ts';
import { runOnce } from '../../bot/workflow/run-once.ts';
import { harmless } from '../../shared/adapters/github/actions-progress.ts';
import { writeStepSummary } from '../../shared/adapters/github/write-step-summary.ts';
import { InfrastructureError, UserError } from '../../shared/errors.ts';
import { readInputs } from '../../shared/spec/read-inputs.ts';
import { spec } from './spec.ts';

const setOutput = (name: keyof typeof spec.outputs, value: string) => core.setOutput(name, value);
const say = (write: (line: string) => void) => (fields: Readonly<Record<string, unknown>>, message: string) =>
  write(harmless(`${message}${Object.keys(fields).length > 0 ? ` ${JSON.stringify(fields)}` : ''}`));

try {
  const inputs = readInputs(spec, (name) => core.getInput(name));
  for (const secret of [inputs['private-key'], inputs['github-token']]) if (secret) core.setSecret(secret);
  const version = process.env['WEIGHIN_VERSION'] ?? '0.0.0';
  const log = { info: say(core.info), warn: say(core.warning), error: say(core.error) };
  const { close, ...parts } = openBotParts({ version, mode: 'workflow', env: process.env, log });
  const { writesAs, app } = await runOnce({
    env: process.env,
    payload: process.env['GITHUB_EVENT_PATH'] ? JSON.parse(await readFile(process.env['GITHUB_EVENT_PATH'], 'utf8')) : {},
    appId: inputs['app-id'],
    privateKey: inputs['private-key'],
    token: inputs['github-token'],
    version,
    log,
    ...parts,
  }).finally(close);
  setOutput('writes-as', writesAs);
  setOutput('advisory', String(!app));
  for (const line of advisoryLines({ app })) core.info(line);
  const shown = advisoryLines({ app }).map((line) => `- ${line}`);
  await writeStepSummary(['### Weighin’s bot', '', `It wrote as \`${writesAs}\`. Without a server:`, '', ...shown].join('\n'));
} catch (error) {
  if (error instanceof UserError) core.setFailed(`${error.code}: ${error.message} ${error.hint}`);
  else
    core.setFailed(
      error instanceof InfrastructureError ? `${error.code}: ${error.message}` : error instanceof Error ? error.message : String(error),
    );
  process.exitCode = error instanceof UserError ? 2 : 3;
}
