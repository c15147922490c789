import { parseYaml } from '../../shared/config/parse-yaml.ts';
import type { Config } from '../../shared/config/schema.ts';
import type { CheckAnnotation } from '../../shared/promotion/forge.ts';
import type { Annotation } from '../../shared/report/annotations.ts';
import type { Report } from '../../shared/report/report.ts';

/** Paths that an annotation may name: a report's own words are not trusted with more. */
const plainPath = /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[\w./ @+-]{1,300}$/;

/** Annotations as a check carries them, at the line of the contract or of the gate in the configuration where that can be told. */
export function checkAnnotations(
  found: readonly Annotation[],
  { folder, lineOf }: { readonly folder: string; readonly lineOf: (annotation: Annotation) => number | null },
): readonly CheckAnnotation[] {
  const levels = { error: 'failure', warning: 'warning', notice: 'notice' } as const;
  return found.flatMap((annotation) => {
    const { file, line, level, title, message } = annotation;
    if (file === null || !plainPath.test(file)) return [];
    const path = folder === '' ? file : `${folder}/${file}`;
    return [{ path, line: Math.max(1, line ?? lineOf(annotation) ?? 1), level: levels[level], title, message }];
  });
}

/** Where a gate stands in the text of weighin.yaml: by the metric and the rule that its title names. */
export function gateLines(
  text: string | null,
  file: string,
  report: Report,
  config: Config | null,
): (annotation: Annotation) => number | null {
  if (text === null || !config) return () => null;
  const yaml = parseYaml(text, file);
  const gates = config.models[report.model]?.evaluation.gates ?? [];
  return ({ message }) => {
    const gate = report.gates.find((known) => known.message.startsWith(message.replace(/…$/, '')) && known.status !== 'pass');
    if (!gate) return null;
    const index = gates.findIndex(
      (wanted) =>
        wanted.metric === gate.metric &&
        (Object.hasOwn(wanted, gate.rule) || (wanted.compare !== undefined && Object.hasOwn(wanted.compare, gate.rule))),
    );
    const at = index < 0 ? gates.findIndex(({ metric }) => metric === gate.metric) : index;
    return yaml.locate(at < 0 ? ['models', report.model] : ['models', report.model, 'evaluation', 'gates', at]).line ?? null;
  };
}
