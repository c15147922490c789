import { parse } from 'yaml';
import type { WorkflowFile } from '../../doctor/doctor-facts.ts';

/** What the doctor judges of a workflow; null where the text is no workflow. Knows less than GitHub, and never more. */
export function readWorkflow(text: string): WorkflowFile | null {
  let value: unknown;
  try {
    value = parse(text, { maxAliasCount: 50, logLevel: 'error' });
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const jobs = isRecord(value['jobs']) ? Object.values(value['jobs']).filter(isRecord) : [];
  const steps = jobs.flatMap((job) => (Array.isArray(job['steps']) ? job['steps'].filter(isRecord) : []));
  const textOf = (one: unknown) => (typeof one === 'string' ? [one] : []);
  return {
    name: typeof value['name'] === 'string' ? value['name'] : null,
    on: triggersOf(value['on']),
    uses: [...jobs, ...steps].flatMap((one) => textOf(one['uses'])),
    checksOutRef: steps.some((step) => /^actions\/checkout@/.test(String(step['uses'])) && isRecord(step['with']) && 'ref' in step['with']),
    environments: jobs.flatMap(({ environment }) => (isRecord(environment) ? textOf(environment['name']) : textOf(environment))),
  };
}

function triggersOf(on: unknown): WorkflowFile['on'] {
  const entries: [string, unknown][] =
    typeof on === 'string'
      ? [[on, null]]
      : Array.isArray(on)
        ? on.map((name) => [String(name), null])
        : isRecord(on)
          ? Object.entries(on)
          : [];
  return Object.fromEntries(
    entries.map(([name, filters]) => {
      const of = (key: string) => {
        const found = isRecord(filters) ? filters[key] : undefined;
        return Array.isArray(found) ? found.map(String) : typeof found === 'string' ? [found] : [];
      };
      return [name, { paths: of('paths').length + of('paths-ignore').length > 0, types: of('types'), workflows: of('workflows') }];
    }),
  );
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
