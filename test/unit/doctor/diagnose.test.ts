import { describe, expect, it } from 'vitest';
import { readWorkflow } from '../../../shared/adapters/github-doctor/read-workflow.ts';
import { readCodeowners } from '../../../shared/doctor/check-owners.ts';
import { diagnose } from '../../../shared/doctor/diagnose.ts';
import type { CheckoutFacts, DoctorFacts, EnvironmentFact, GitHubFacts } from '../../../shared/doctor/doctor-facts.ts';
import { appId, botYaml, config, healthyFacts, measureYaml, rule, weighYaml } from './healthy-facts.ts';

const healthy = healthyFacts();
const github = (change: Partial<GitHubFacts>): DoctorFacts => ({ ...healthy, github: { ...healthy.github, ...change } });
const checkout = (change: Partial<CheckoutFacts>): DoctorFacts => ({ ...healthy, checkout: { ...healthy.checkout, ...change } });
const known = <Value>(value: Value) => ({ known: true, value }) as const;
const unasked = { known: false, why: 'no token.' } as const;
const app = (change: object) => github({ app: known({ ...(healthy.github.app.known && healthy.github.app.value), ...change } as never) });
const main = (...rules: ReturnType<typeof rule>[]) => github({ mainRules: known(rules) });
const state = (...rules: ReturnType<typeof rule>[]) => github({ stateRules: known(rules) });
const required = (source: number | null) => rule('required_status_checks', { checks: [{ context: 'weighin/promotion', app: source }] });
const owners = rule('pull_request', { codeOwnerReview: true });
const environments = (...list: EnvironmentFact[]) => github({ environments: known(list) });
const fine = ['weighin-store', 'weighin-bot'].map((name) => ({ name, branches: ['main'], reviewers: false }));
const workflow = (name: string, text: string | null) => {
  const workflows = new Map(healthy.checkout.workflows);
  if (text === null) workflows.delete(`.github/workflows/${name}`);
  else workflows.set(`.github/workflows/${name}`, readWorkflow(text));
  return checkout({ workflows });
};
const bad = (facts: DoctorFacts) => diagnose(facts).findings.filter(({ status }) => status !== 'ok');
const codes = (facts: DoctorFacts) => bad(facts).map(({ status, code }) => `${status} ${code}`);

describe('diagnose', () => {
  it('finds nothing where nothing stands open, and says what it looked at', () => {
    const { verdict, findings } = diagnose(healthy);
    expect(verdict).toBe('healthy');
    expect(new Set(findings.map(({ code }) => code))).toEqual(
      new Set(['STORE', 'WORKFLOW', 'CODEOWNERS', 'PROMOTION_REQUIRED', 'OWNERS_REVIEW', 'STATE_CLOSED', 'ENVIRONMENT', 'APP']),
    );
  });

  it.each<[string, DoctorFacts, string]>([
    ['the App lacks a permission', app({ permissions: { contents: 'read' } }), 'wrong APP_LACKS_PERMISSION'],
    ['the App may more than it needs', app({ permissions: { ...perms(), administration: 'write' } }), 'wrong APP_MAY_TOO_MUCH'],
    ['the App writes what it should only read', app({ permissions: { ...perms(), actions: 'write' } }), 'wrong APP_MAY_TOO_MUCH'],
    ['the App misses an event', app({ events: ['push'] }), 'wrong APP_HEARS_TOO_LITTLE'],
    ['the App can’t read teams', app({ permissions: { ...perms(), members: undefined } }), 'advice APP_LACKS_OPTIONAL'],
    ['the App is not installed', github({ app: known(null) }), 'wrong APP_NOT_INSTALLED'],
    ['the check is not required', main(owners), 'wrong PROMOTION_NOT_REQUIRED'],
    ['the check may come from anybody', main(required(null), owners), 'wrong PROMOTION_NOT_PINNED'],
    ['the check must come from another App', main(required(15368), owners), 'wrong PROMOTION_PINNED_ELSEWHERE'],
    ['one of two rulesets takes it from anybody', main(required(appId), required(null), owners), 'wrong PROMOTION_NOT_PINNED'],
    ['owners need not review', main(required(appId)), 'advice OWNERS_DO_NOT_REVIEW'],
    ['weighin/** may be deleted', state(rule('creation'), rule('update')), 'wrong STATE_OPEN'],
    [
      'an administrator may write weighin/**',
      state(
        ...['creation', 'update', 'deletion'].map((type) =>
          rule(type, {
            bypass: [
              { type: 'RepositoryRole', id: 5 },
              { type: 'Integration', id: appId },
            ],
          }),
        ),
      ),
      'wrong STATE_BYPASSED',
    ],
    [
      'another App may write weighin/**',
      state(
        ...['creation', 'update', 'deletion'].map((type) =>
          rule(type, {
            bypass: [
              { type: 'Integration', id: 1 },
              { type: 'Integration', id: appId },
            ],
          }),
        ),
      ),
      'wrong STATE_BYPASSED',
    ],
    [
      'not even the App may write weighin/**',
      state(...['creation', 'update', 'deletion'].map((type) => rule(type, { bypass: [] }))),
      'wrong STATE_CLOSED_TO_APP',
    ],
    [
      'bypass lists are hidden',
      state(...['creation', 'update', 'deletion'].map((type) => rule(type, { bypass: null }))),
      'unknown STATE_BYPASS_UNKNOWN',
    ],
    ['there is no CODEOWNERS', checkout({ codeowners: null }), 'wrong NO_CODEOWNERS'],
    [
      'a folder has no owner',
      checkout({ codeowners: { path: 'CODEOWNERS', text: '/weighin.yaml @a\n/contracts/ @a\n/cards/ @a\n/.github/ @a' } }),
      'wrong CODEOWNERS_INCOMPLETE',
    ],
    ['an environment is missing', environments(...fine), 'wrong NO_ENVIRONMENT'],
    [
      'every branch may use an environment',
      environments(...fine, { name: 'weighin-data', branches: 'all', reviewers: false }),
      'wrong ENVIRONMENT_OPEN',
    ],
    [
      'another branch may use an environment',
      environments(...fine, { name: 'weighin-data', branches: ['main', '*'], reviewers: false }),
      'wrong ENVIRONMENT_OPEN',
    ],
    [
      'protected branches may use an environment',
      environments(...fine, { name: 'weighin-data', branches: 'protected', reviewers: false }),
      'advice ENVIRONMENT_PROTECTED_BRANCHES',
    ],
    [
      'the bot waits for reviewers',
      environments(
        { name: 'weighin-data', branches: ['main'], reviewers: true },
        { name: 'weighin-store', branches: ['main'], reviewers: true },
        { name: 'weighin-bot', branches: ['main'], reviewers: true },
      ),
      'wrong ENVIRONMENT_WAITS',
    ],
    ['nothing weighs', workflow('weighin.yml', null), 'wrong NO_WORKFLOW'],
    ['a workflow is broken', workflow('weighin.yml', 'on: ['), 'wrong WORKFLOW_UNREADABLE'],
    [
      'a paths filter blocks',
      workflow('weighin.yml', weighYaml.replace('pull_request: null', 'pull_request: {paths: [src/**]}')),
      'wrong PATHS_FILTER',
    ],
    [
      'a paths-ignore filter blocks',
      workflow('weighin.yml', weighYaml.replace('pull_request: null', 'pull_request: {paths-ignore: [docs/**]}')),
      'wrong PATHS_FILTER',
    ],
    [
      'nothing starts the weigh run',
      workflow('weighin-weigh.yml', measureYaml.replace('workflow_run', 'workflow_dispatch')),
      'wrong WORKFLOW_NOT_STARTED',
    ],
    [
      'another action stands there',
      workflow('weighin.yml', weighYaml.replace('weighin/weighin@v0', 'evil/weighin@v0')),
      'wrong WORKFLOW_USES_OTHER',
    ],
    [
      'the weigh run checks out a ref',
      workflow(
        'weighin-weigh.yml',
        measureYaml.replace(
          '{uses: weighin/weighin/actions/weigh@v0}]',
          '{uses: weighin/weighin/actions/weigh@v0}, {uses: actions/checkout@v5, with: {ref: x}}]',
        ),
      ),
      'wrong WORKFLOW_CHECKS_OUT',
    ],
    ['the action is whatever main is', workflow('weighin.yml', weighYaml.replace('@v0', '@main')), 'advice WORKFLOW_NOT_PINNED'],
    ['the configuration is invalid', checkout({ config: null, configProblem: 'weighin.yaml has a mistake.' }), 'wrong CONFIG_INVALID'],
    ['the store is a folder', checkout({ config: config({ store: './store' }) }), 'wrong STORE_NOT_DURABLE'],
    ['the store is a bucket', checkout({ config: config({ store: 's3://b/p' }) }), 'unknown STORE_POLICY_UNKNOWN'],
    ['nobody needs to approve', checkout({ config: config({}, { stages: { production: { approvals: 0 } } }) }), 'advice NO_APPROVAL'],
    [
      'claimed numbers promote',
      checkout({ config: config({}, { stages: { production: { allowClaimed: true } } }) }),
      'advice CLAIMED_ALLOWED',
    ],
  ])('says so when %s', (_what, facts, expected) => {
    expect(codes(facts)).toContain(expected);
    expect(diagnose(facts).verdict).toBe(expected.startsWith('wrong') ? 'wrong' : expected.startsWith('unknown') ? 'unsure' : 'healthy');
    for (const { status, fix } of bad(facts)) if (status !== 'unknown') expect(fix).toBeTruthy();
  });

  it('never takes what could not be asked for what is not there', () => {
    const facts = github({ app: unasked, mainRules: unasked, stateRules: unasked, environments: unasked, defaultBranch: unasked });
    const { verdict, findings } = diagnose(facts);
    expect(verdict).toBe('unsure');
    expect(findings.filter(({ status }) => status === 'wrong')).toEqual([]);
    expect(codes(facts)).toEqual(
      ['RULES_UNKNOWN', 'STATE_RULES_UNKNOWN', 'ENVIRONMENTS_UNKNOWN', 'APP_UNKNOWN'].map((code) => `unknown ${code}`),
    );
    for (const { says } of findings.filter(({ status }) => status === 'unknown')) expect(says).toContain('could not be asked: no token.');
  });

  it('puts the worst first, with the page where it is mended', () => {
    const [first] = bad(main());
    expect(first).toMatchObject({ code: 'PROMOTION_NOT_REQUIRED', url: 'https://github.com/acme/churn/settings/rules' });
  });

  it('asks for no environment that no workflow uses', () => {
    const { findings } = diagnose({
      ...workflow('weighin-bot.yml', null),
      github: {
        ...healthy.github,
        environments: known(fine.slice(0, 1).concat({ name: 'weighin-data', branches: ['main'], reviewers: false })),
      },
    });
    expect(findings.map(({ code }) => code)).not.toContain('NO_ENVIRONMENT');
  });
});

describe('maturity', () => {
  const whole = { retrain: { workflow: 'train.yml', on: ['drift'] }, drift: {}, stages: { production: { rollout: 'careful' } } };
  it.each<[number, string, DoctorFacts]>([
    [0, 'manual', workflow('weighin.yml', null)],
    [1, 'pipeline', workflow('weighin-weigh.yml', null)],
    [1, 'pipeline', checkout({ config: config({ mode: 'advise' }) })],
    [1, 'pipeline', main(required(null))],
    [2, 'CI/CD', healthy],
    [3, 'full automation', checkout({ config: config({ rollouts: { careful: { strategy: 'canary' } } }, whole) })],
  ])('is %s, %s', (level, name, facts) => {
    expect(diagnose(facts).maturity).toMatchObject({ level, name });
  });

  it('names what the next level asks for, and what of it could not be asked', () => {
    const { missing } = diagnose(github({ mainRules: unasked })).maturity;
    expect(missing).toEqual(['weighin/promotion required on the default branch, from the App alone (could not be asked)']);
  });
});

describe('readCodeowners', () => {
  const owner = (text: string, path: string) => readCodeowners(text).findLast(({ matches }) => matches(path))?.owners;
  it.each([
    ['* @a', 'registry/x/y.json', ['@a']],
    ['registry/ @a', 'registry/x/y.json', ['@a']],
    ['registry/ @a', 'other/registry/y.json', ['@a']],
    ['/registry/ @a', 'other/registry/y.json', undefined],
    ['/registry @a', 'registry/x/y.json', ['@a']],
    ['/registry/* @a', 'registry/x/y.json', undefined],
    ['/registry/** @a', 'registry/x/y.json', ['@a']],
    ['*.json @a', 'registry/x/y.json', ['@a']],
    ['* @a\n/registry/', 'registry/x/y.json', []],
    ['# * @a\n', 'x', undefined],
    ['* @acme/ml ada@acme.com # all', 'x', ['@acme/ml', 'ada@acme.com']],
  ])('reads %o as GitHub does for %s', (text, path, expected) => {
    expect(owner(text, path)).toEqual(expected);
  });
});

describe('readWorkflow', () => {
  it('reads triggers however they are written', () => {
    for (const on of ['pull_request', '[pull_request]', '{pull_request: {}}'])
      expect(Object.keys(readWorkflow(`on: ${on}`)?.on ?? {})).toEqual(['pull_request']);
    expect(readWorkflow(botYaml)?.environments).toEqual(['weighin-bot']);
    expect(readWorkflow('- a list')).toBeNull();
  });
});

function perms() {
  return healthy.github.app.known ? { ...healthy.github.app.value?.permissions } : {};
}
