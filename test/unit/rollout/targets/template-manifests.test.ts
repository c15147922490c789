import { expect, it } from 'vitest';
import type { TargetConfigOf } from '../../../../shared/config/rollout-schema.ts';
import { createTemplateManifests } from '../../../../shared/rollout/targets/template-manifests.ts';
import { refusal, v12, wish } from './wishes.ts';

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{model}}-{{stage}}\n';
const canary = wish({ candidate: v12, percent: 5 });
const rendering =
  (text: string, change: Partial<TargetConfigOf<'template'>> = {}, name = 'deploy/a.yaml.hbs') =>
  (desired = canary) =>
    createTemplateManifests({ kind: 'template', files: 'deploy/*.hbs', into: '', values: {}, ...change }, 'careful').render(
      [{ file: name, text }],
      desired,
      null,
    );
const only = (text: string, change: Partial<TargetConfigOf<'template'>> = {}, desired = canary) =>
  rendering(text, change)(desired)[0]?.text;

it('fills what a wish says, and nothing is escaped as if it were HTML', () => {
  const text = `${head}data: {at: "{{stable.version}} {{stable.percent}}, {{candidate.version}} {{candidate.digest}} {{candidate.number}}", url: "{{values.url}}", share: "{{percent}}", of: "{{#each versions}}{{role}}={{version}}:{{percent}} {{/each}}"}\n`;
  expect(only(text, { values: { url: 'https://a.example/?x=1&y=<2>' } })).toBe(
    `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: churn-production\ndata: {at: "v11 95, v12 ${v12.digest.slice(7)} 12", url: "https://a.example/?x=1&y=<2>", share: "5", of: "stable=v11:95 candidate=v12:5 "}\n`,
  );
});

it('shows no candidate where there is none, and an empty file is none', () => {
  const text = `${head}data: {of: "{{#if candidate}}{{candidate.version}} {{percent}}{{else}}alone{{/if}}"}\n`;
  expect(only(text, {}, wish())).toContain('of: "alone"');
  expect(refusal(() => rendering('{{#if candidate}}\nx: {{percent}}\n{{/if}}\n')(wish())).code).toBe('TEMPLATE_EMPTY');
});

it('counts pods: at least one for a share, never all of them for a part', () => {
  const pods = (percent: number, of = 10) =>
    only(`${head}data: {n: {{replicas ${of} percent}} }\n`, {}, wish({ candidate: v12, percent }))?.match(/n: (\d+)/)?.[1];
  expect([0, 1, 5, 25, 50, 99, 100].map((percent) => pods(percent))).toEqual(['0', '1', '1', '3', '5', '9', '10']);
  expect([pods(5, 1), pods(50, 2)]).toEqual(['1', '1']);
});

it.each([
  ['{{nobody}}', /nobody/],
  ['{{candidate.nobody}}', /nobody/],
  ['{{values.nobody}}', /nobody/],
  ['{{constructor}}', /constructor/],
  ['{{model.constructor.constructor}}', /constructor/],
  ['{{__proto__.polluted}}', /__proto__|polluted/],
  ['{{#with (lookup this "constructor")}}{{/with}}', /lookup/],
  ['{{log model}}', /log/],
  ['{{> other}}', /other/],
  ['{{#if candidate}}', /line|Parse|EOF/i],
  ['{{replicas "many" percent}}', /replicas/],
  ['{{}}', /Parse/],
])('refuses %s', (text, message) => {
  const error = refusal(() => rendering(`${head}data: {a: "${text}", b: "{{percent}}"}\n`)());
  expect([error.code, error.location?.file]).toEqual(['TEMPLATE_INVALID', 'deploy/a.yaml.hbs']);
  expect(error.message).toMatch(message);
});

it.each([
  'a: {{percent}}\n',
  `${head}a: [\n`,
  `- {{percent}}\n`,
  'apiVersion: v1\nkind: Service\nmetadata: {labels: {a: "{{percent}}"} }\n',
])('gives manifests or an error: %s', (text) => {
  expect(refusal(() => rendering(text)())).toMatchObject({ code: 'TEMPLATE_INVALID', location: { file: 'deploy/a.yaml.hbs' } });
});

it('refuses templates that do not move any traffic, before anything believes that they did', () => {
  const candidate = `${head}data: {a: "{{#if candidate}}{{candidate.version}}{{/if}}"}\n`;
  expect(refusal(() => rendering(candidate)()).code).toBe('TEMPLATE_IGNORES');
  expect(rendering(candidate)(wish())).toHaveLength(1);
  expect(refusal(() => rendering(`${head}data: {a: "{{percent}}"}\n`)(wish({ candidate: v12, mirror: true }))).code).toBe(
    'TEMPLATE_IGNORES',
  );
});

it('writes below its folder, by the names of the templates', () => {
  const kind = createTemplateManifests({ kind: 'template', files: 'x/**', into: './clusters/eu/', values: {} }, 'careful');
  const text = `${head}data: {a: "{{percent}}"}\n`;
  const files = (...names: string[]) =>
    kind.render(
      names.map((file) => ({ file, text })),
      canary,
      null,
    );
  expect(files('x/a.yaml.hbs', 'x/b.hbs', 'x/deep/c.yml').map(({ file }) => file)).toEqual([
    'clusters/eu/a.yaml',
    'clusters/eu/b.yaml',
    'clusters/eu/c.yml',
  ]);
  expect(refusal(() => files('x/a.yaml.hbs', 'y/a.yaml')).code).toBe('TEMPLATE_INVALID');
});

it.each(['../other', 'a/../../b', 'a//b'])('writes nowhere else: into %s', (into) => {
  expect(refusal(() => createTemplateManifests({ kind: 'template', files: '*', into, values: {} }, 'careful')).code).toBe('TARGET_INVALID');
});
