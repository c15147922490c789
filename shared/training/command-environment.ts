/**
 * What a team's command must not see: tokens of the job, inputs of the action, the runner's own services, and the files through
 * which a step speaks to later steps. Names, or beginnings of names.
 */
const withheld = ['GITHUB_TOKEN', 'GH_TOKEN', 'GITHUB_ENV', 'GITHUB_PATH', 'GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'];
const withheldPrefixes = ['INPUT_', 'ACTIONS_', 'WEIGHIN_'];

/** The surrounding environment without what is withheld, with what the command is told. Cloud credentials that the team set stay. */
export function commandEnvironment(
  surrounding: Readonly<Record<string, string | undefined>>,
  told: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  // Python keeps lines back when nobody looks at a terminal; a log should show them as they come.
  const environment: Record<string, string> = { PYTHONUNBUFFERED: '1' };
  for (const [name, value] of Object.entries(surrounding)) {
    const upper = name.toUpperCase();
    if (value === undefined || withheld.includes(upper) || withheldPrefixes.some((prefix) => upper.startsWith(prefix))) continue;
    environment[name] = value;
  }
  return { ...environment, ...told };
}
