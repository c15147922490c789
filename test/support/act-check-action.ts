import type { ActionFile, Step } from './act-actions.ts';

/**
 * The rules of composites that no linter knows, each learned from an action that broke. A sentence for every one that is
 * violated; `text` is the file as it is written, for what parsing loses.
 */
export function checkAction(
  { inputs, outputs, runs: { steps } }: ActionFile,
  text: string,
  {
    bundle,
    up,
    version,
    natives: needsNatives = true,
  }: { readonly bundle: string; readonly up: string; readonly version: string; readonly natives?: boolean },
): readonly string[] {
  const found: string[] = [];
  const readers = steps.filter(({ run }) => run?.endsWith(`/dist/${bundle}.js"`));
  const [reader] = readers;
  if (!reader || readers.length > 1) return [`${readers.length} steps run dist/${bundle}.js; exactly one must.`];

  for (const step of steps) {
    const where = step.id ?? step.name ?? 'a step';
    if (step.run !== undefined) found.push(...checkRun(step, up).map((problem) => `${where}: ${problem}`));
    if (step.uses !== undefined) found.push(...checkUses(step.uses, text).map((problem) => `${where}: ${problem}`));
    if (step.uses?.startsWith('actions/upload-artifact@') && !/^always\(\)/.test(step.if ?? ''))
      found.push(`${where}: is skipped when the verdict fails the step before it, which is when it is needed.`);
    if (step !== reader)
      for (const name of Object.keys(step.env ?? {}))
        if (name.startsWith('INPUT_')) found.push(`${where}: ${name} is given to a step that reads no input.`);
  }

  // GitHub gives a composite's steps no INPUT_*; core.getInput('fail-on') reads INPUT_FAIL-ON.
  const wanted = new Map(Object.keys(inputs).map((name) => [`INPUT_${name.replaceAll(' ', '_').toUpperCase()}`, `\${{ inputs.${name} }}`]));
  const env = reader.env ?? {};
  for (const [name, value] of wanted) if (env[name] !== value) found.push(`env ${name} is ${env[name] ?? 'missing'}; it must be ${value}.`);
  for (const name of Object.keys(env)) if (name.startsWith('INPUT_') && !wanted.has(name)) found.push(`env ${name} is of no input.`);

  const ids = new Set(steps.map(({ id }) => id));
  for (const [name, { value }] of Object.entries(outputs)) {
    const [, id, output] = /^\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}$/.exec(value) ?? [];
    if (!id || !ids.has(id)) found.push(`output ${name} is of no step: ${value}`);
    else if (id !== reader.id || output !== name) found.push(`output ${name} is not what the step sets under that name: ${value}`);
  }
  for (const [, name = ''] of text.matchAll(/\binputs\.([\w-]+)/g)) if (!(name in inputs)) found.push(`inputs.${name} is not declared.`);
  for (const [, id = ''] of text.matchAll(/\bsteps\.([\w-]+)\./g)) if (!ids.has(id)) found.push(`steps.${id} does not exist.`);

  if (!needsNatives) return found;
  // A cache without the version would bring an older version's natives; @actions/glob takes no `..` in its path.
  const cache = steps.find(({ uses }) => uses?.startsWith('actions/cache@'))?.with ?? {};
  if (cache['key'] !== `weighin-natives-${version}-\${{ runner.os }}-\${{ runner.arch }}`)
    found.push(`the cache's key is ${cache['key']}.`);
  if (cache['path'] !== `\${{ runner.tool_cache }}/weighin-natives/${version}`) found.push(`the cache's path is ${cache['path']}.`);
  const natives = steps.find(({ env: given }) => given?.['WEIGHIN_NATIVES'])?.env?.['WEIGHIN_NATIVES'];
  if (natives !== cache['path']) found.push(`natives are installed in ${natives}, and ${cache['path']} is cached.`);
  return found;
}

function checkRun({ run = '', shell }: Step, up: string): readonly string[] {
  const found: string[] = [];
  // dash drops environment variables with a dash in their names, so every input like fail-on.
  if (shell !== 'bash') found.push(`its shell is ${shell ?? 'not said'}; only bash keeps INPUT_FAIL-ON.`);
  if (run.includes('${{')) found.push('an expression inside run: is code that an input can write.');
  if (!new RegExp(`^node "\\$GITHUB_ACTION_PATH${up.replaceAll('.', '\\.')}/dist/[\\w-]+\\.js"$`).test(run))
    found.push(`it is not one call of a bundle: ${run}`);
  return found;
}

function checkUses(uses: string, text: string): readonly string[] {
  if (!/^actions\/[\w-]+@[0-9a-f]{40}$/.test(uses)) return [`${uses} is not one of GitHub's own actions at a full commit.`];
  const line = text.split('\n').find((written) => written.includes(uses)) ?? '';
  return / # v\d+\.\d+\.\d+$/.test(line) ? [] : [`${uses} does not say which version that is.`];
}
