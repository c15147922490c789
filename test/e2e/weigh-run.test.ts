import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEvidence } from '../../bot/reports/read-evidence.ts';
import { getOctokit } from '../../shared/adapters/github/get-octokit.ts';
import { createGitHubForge } from '../../shared/adapters/github-forge/create-github-forge.ts';
import { keyOfRef } from '../../shared/adapters/github-store/ref-of-key.ts';
import { claimWorkflow, evidenceDocumentSchema } from '../../shared/promotion/evidence-document.ts';
import { versionRecordSchema } from '../../shared/registry/version-record.ts';
import { reportSchema } from '../../shared/report/report.ts';
import { openChurn } from '../support/churn-repository.ts';
import { type GitHub, openGitHub } from '../support/github/open-github.ts';
import { type PlayedWeighRun, playClaimedRun, playWeighRun } from '../support/play-weigh-run.ts';

let top: string;
let github: GitHub;
beforeEach(async () => {
  top = mkdtempSync(join(tmpdir(), 'weighin-weigh-run-'));
  github = await openGitHub({ owner: 'acme', repo: 'churn' });
  github.users.add({ login: 'alice', role: 'write' });
  github.users.add({ login: 'mallory', role: 'write' });
  const team = openChurn(join(top, 'team'), { rows: 2_000, mode: 'enforce' });
  team.write('weighin.yaml', team.read('weighin.yaml').replace('mode: enforce', 'mode: enforce\nstore: github'));
  const files = Object.fromEntries(
    ['weighin.yaml', 'contracts/customers.odcs.yaml', 'data/customers.csv'].map((name) => [name, team.read(name)]),
  );
  github.git.commit({ branch: 'main', files: { ...files, [claimWorkflow]: 'name: weighin\n', '.gitignore': '.weighin/\n' } });
});
afterEach(async () => {
  expect(github.unknown).toEqual([]);
  await github.close();
  rmSync(top, { recursive: true, force: true });
});

const config = () => github.git.file('main', 'weighin.yaml') ?? '';
const edited = (from: string, to: string) => {
  const after = config().replace(from, to);
  expect(after).not.toBe(config());
  return { 'weighin.yaml': after };
};
/** As the bot takes it in: with every proof. */
const acceptedOf = async ({ run }: PlayedWeighRun) => {
  const forge = await createGitHubForge({
    octokit: await getOctokit(github.token.installation(), github.apiUrl),
    owner: 'acme',
    repo: 'churn',
  });
  const found = await forge.actions.run(run);
  const { evidence, problems } = found ? await readEvidence(forge, found) : { evidence: [], problems: [] };
  expect(problems).toEqual([]);
  return evidence.map(({ level, document }) => [document.purpose, level]);
};
const evidenceOf = ({ evidence, jobs }: PlayedWeighRun) => {
  const folder = evidence.get('churn');
  expect([...jobs.values()].map(({ log, status }) => (status === 0 ? '' : log)).join(''), 'logs of failed jobs').toBe('');
  const read = (name: string) => JSON.parse(readFileSync(join(folder ?? '', 'churn', name), 'utf8'));
  return {
    document: evidenceDocumentSchema.parse(read('evidence.json')),
    report: reportSchema.parse(read('report.json')),
    version: () => versionRecordSchema.parse(read('version.json')),
  };
};

it('weighs a pull request, makes its bytes the version once it is merged, and weighs that again for its promotion', async () => {
  const seed = edited('trainer: logistic-regression', 'trainer: logistic-regression, seed: 7');
  github.git.commit({ branch: 'seed', base: 'main', files: seed, by: 'alice' });
  const { number } = github.openPull({ branch: 'seed', title: 'Another seed', by: 'alice' });
  const claimed = await playClaimedRun(github, { branch: 'seed', actor: 'alice' });
  const seen: string[] = [];
  const played = await playWeighRun(github, claimed, {
    meddle: (job, folder) => {
      if (job === 'rows') seen.push(readFileSync(join(folder, 'rows/rows.parquet'), 'latin1'), ...readdirSync(join(folder, 'rows')).sort());
    },
  });
  const pull = evidenceOf(played);
  expect(pull.document).toMatchObject({
    purpose: 'pull',
    pull: number,
    headSha: claimed.headSha,
    claimedRun: { id: claimed.run, attempt: 1 },
    version: null,
  });
  expect(pull.report).toMatchObject({
    evidence: 'measured',
    verdict: 'pass',
    source: { commit: claimed.headSha, pull: number, dirty: false },
  });
  expect(pull.report.evaluation).toMatchObject({ rows: 300 });
  expect(pull.report.gates.find(({ id }) => id.includes('roc_auc'))?.status).toBe('pass');
  // Where a model runs there is neither label nor identity.
  const [parquet = '', ...files] = seen;
  expect(files).toEqual(['candidate', 'rows.json', 'rows.parquet']);
  expect(parquet).toContain('tenure');
  for (const column of ['churned', 'customer_id', '__id', '__row']) expect(parquet).not.toContain(column);

  expect(await acceptedOf(played)).toEqual([['pull', 'run-verified']]);

  const merged = github.mergePull(number, 'alice');
  // Trained again there, the bytes are others: what was reviewed becomes the version all the same.
  const push = await playClaimedRun(github, { branch: 'main', actor: 'mallory', event: 'push', forge: withModel('other bytes') });
  const registered = await playWeighRun(github, push);
  expect(await acceptedOf(registered)).toEqual([['register', 'run-verified']]);
  const register = evidenceOf(registered);
  expect(register.document).toMatchObject({ purpose: 'register', pull: null, headSha: merged, subject: pull.document.subject });
  const version = register.version();
  expect(version).toMatchObject({
    number: 1,
    trust: 'measured',
    subject: { digest: pull.document.subject },
    source: { commit: merged, pull: number, authors: [github.users.get('alice').id], builder: 'actions' },
    evaluation: { report: register.document.report, verdict: 'pass' },
  });
  expect([...version.source.actors].sort()).toEqual([github.users.get('alice').id, github.users.get('mallory').id].sort());

  // What drift in production is compared with: the training rows by counts, and what the model answered to its test set.
  const kept = execFileSync('git', ['for-each-ref', '--format=%(refname)', 'refs/weighin/store'], {
    cwd: github.git.path,
    encoding: 'utf8',
  });
  const keys = kept.split('\n').map((ref) => keyOfRef(ref) ?? '');
  const references = keys.filter((key) => key.startsWith('monitoring/churn/reference/'));
  expect(references).toHaveLength(2);
  expect(references).toContain(`monitoring/churn/reference/${version.subject.digest.slice(7, 39)}.answers.json`);

  const request = {
    schema: 'weighin/weigh@1' as const,
    model: 'churn',
    promotion: 'churn.production.1',
    version: 1,
    pull: null,
    headSha: null,
  };
  const again = await playWeighRun(github, { dispatch: request });
  expect(await acceptedOf(again)).toEqual([['promote', 'run-verified']]);
  const promote = evidenceOf(again);
  expect(promote.document).toMatchObject({
    purpose: 'promote',
    promotion: 'churn.production.1',
    subject: version.subject.digest,
    headSha: merged,
    version: register.document.version,
    claimedRun: null,
  });
  expect(promote.report).toMatchObject({ verdict: 'pass', evidence: 'measured' });
}, 240_000);

it('attack: forged artifact and forged report from training code, and a gate loosened by the pull request, change nothing', async () => {
  const files = edited('{trainer: logistic-regression}', '{trainer: logistic-regression, features: [region]}');
  files['weighin.yaml'] = files['weighin.yaml'].replace('min: 0.70', 'min: 0.10');
  github.git.commit({ branch: 'worse', base: 'main', files, by: 'mallory' });
  github.openPull({ branch: 'worse', title: 'Worse', by: 'mallory' });
  const claimed = await playClaimedRun(github, {
    branch: 'worse',
    actor: 'mallory',
    forge: (left) => ({
      ...left,
      'churn/report.json': Buffer.from('{"verdict":"pass","evidence":"measured"}'),
      'churn/evidence.json': Buffer.from('{}'),
    }),
  });
  const { report, document } = evidenceOf(await playWeighRun(github, claimed));
  expect(report).toMatchObject({ evidence: 'measured', verdict: 'fail', blocks: true });
  expect(report.gates.find(({ id, status }) => id.includes('roc_auc') && status === 'fail')).toMatchObject({ limit: 0.7 });
  expect(report.notices.map(({ code }) => code)).toContain('POLICY_CHANGED');
  expect(document.version).toBeNull();
}, 120_000);

it('attack: what one job hands to the next is proved or refused', async () => {
  github.git.commit({ branch: 'same', base: 'main', files: { 'notes.txt': 'x' }, by: 'mallory' });
  github.openPull({ branch: 'same', title: 'Same', by: 'mallory' });
  const claimed = await playClaimedRun(github, { branch: 'same', actor: 'mallory' });
  const played = await playWeighRun(github, claimed, {
    meddle: (job, folder) => {
      if (job === 'predict candidate') writeFileSync(join(folder, 'predictions/candidate/scores.f64'), new Uint8Array(8 * 299));
      if (job === 'judge')
        writeFileSync(
          join(folder, 'judged/report.json'),
          readFileSync(join(folder, 'judged/report.json'), 'utf8').replace('"verdict":"error"', '"verdict":"pass"'),
        );
    },
  });
  expect(played.jobs.get('judge')).toMatchObject({ status: 0, outputs: { verdict: 'error' } });
  expect(played.jobs.get('attest')?.log).toContain('JUDGED_OTHER');
  expect(played.evidence.size).toBe(0);

  const forged = await playWeighRun(github, claimed, {
    meddle: (job, folder) => {
      const task = join(folder, 'tasks/churn/task.json');
      if (job === 'resolve') writeFileSync(task, readFileSync(task, 'utf8').replace('"purpose":"pull"', '"purpose":"register"'));
    },
  });
  expect(forged.jobs.get('rows')).toMatchObject({ status: 2, log: expect.stringContaining('TASK_OTHER') });
  expect(forged.jobs.get('judge')?.status).toBe(2);
  expect(forged.evidence.size).toBe(0);
}, 120_000);

it('attack: workflow file changed in the PR', async () => {
  github.git.commit({ branch: 'flow', base: 'main', files: { [claimWorkflow]: 'name: weighin\n# mine\n' }, by: 'mallory' });
  github.openPull({ branch: 'flow', title: 'Flow', by: 'mallory' });
  const claimed = await playClaimedRun(github, { branch: 'flow', actor: 'mallory' });
  const played = await playWeighRun(github, claimed);
  expect([...played.jobs.keys()]).toEqual(['resolve']);
  expect(played.jobs.get('resolve')).toMatchObject({ status: 2, log: expect.stringContaining('WORKFLOW_CHANGED') });

  const namesake = github.playRun({
    path: '.github/workflows/mine.yml',
    name: 'weighin',
    event: 'pull_request',
    headBranch: 'flow',
    headSha: claimed.headSha,
    actor: 'mallory',
  });
  const other = await playWeighRun(github, { run: namesake.id });
  expect(other.jobs.get('resolve')).toMatchObject({ status: 2, log: expect.stringContaining('NOT_OUR_WORKFLOW') });
}, 120_000);

it('asks a command where there is its code, and neither data nor token', async () => {
  const node = process.execPath;
  const command = `{command: '"${node}" train.mjs'}\n    model: {format: command, file: model.txt, predict: '"${node}" predict.mjs'}`;
  const train = "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.env.WEIGHIN_OUTPUT + '/model.txt', '24');\n";
  const predict = `import { existsSync, readFileSync, writeFileSync } from 'node:fs';
if (process.env.GITHUB_WORKSPACE?.includes('predict') && existsSync('data/customers.csv')) throw new Error('the labels are here');
if (JSON.stringify(process.env).includes('ghs_')) throw new Error('a token is here');
const months = Number(readFileSync(process.env.WEIGHIN_MODEL, 'utf8'));
const [head, ...rows] = readFileSync(process.env.WEIGHIN_ROWS, 'utf8').trim().split('\\n');
const at = head.split(',').findIndex((name) => name.startsWith('tenure'));
const scores = rows.map((row) => 1 / (1 + Math.exp((Number(row.split(',')[at]) - months) / 6)));
writeFileSync(process.env.WEIGHIN_PREDICTIONS, ['score', ...scores].join('\\n'));
`;
  const files = { ...edited('{trainer: logistic-regression}', command), 'train.mjs': train, 'predict.mjs': predict };
  files['weighin.yaml'] = files['weighin.yaml'].replace('mode: enforce', 'mode: advise');
  github.git.commit({ branch: 'command', base: 'main', files, by: 'alice' });
  github.openPull({ branch: 'command', title: 'Command', by: 'alice' });
  const { report } = evidenceOf(await playWeighRun(github, await playClaimedRun(github, { branch: 'command', actor: 'alice' })));
  expect(report.training?.model).toMatchObject({ format: 'command', file: 'model.txt', bytes: 2 });
  expect(report.evaluation?.rows).toBe(300);
  expect(report.gates.find(({ reason }) => reason === 'WEIGH_FAILED')).toBeUndefined();
  expect(report.verdict).not.toBe('error');
  // The policy is the default branch's: advise is not the head's to say.
  expect(report.mode).toBe('enforce');
}, 120_000);

/** Puts other bytes in the place of the model, with the digest that they have. */
const withModel = (text: string) => (files: Record<string, Uint8Array>) => {
  const training = files['churn/training.json'];
  if (!training) return files;
  const written = JSON.parse(Buffer.from(training).toString());
  const bytes = Buffer.from(text);
  const model = { ...written.model, digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`, bytes: bytes.byteLength };
  return { ...files, 'churn/training.json': Buffer.from(JSON.stringify({ ...written, model })), [`churn/training/${model.file}`]: bytes };
};
