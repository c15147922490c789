import { chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Config, configSchema } from '../../../shared/config/schema.ts';
import { canonicalBytes, digestOf, digestOfDocument } from '../../../shared/digest/canonical-json.ts';
import { adoptModel } from '../../../shared/registry/adopt-model.ts';
import { readStage } from '../../../shared/registry/read-stage.ts';
import { readVersion } from '../../../shared/registry/read-versions.ts';
import { registerVersion } from '../../../shared/registry/register-version.ts';
import { parseVersionName } from '../../../shared/registry/version-name.ts';
import type { VersionRecord } from '../../../shared/registry/version-record.ts';
import { writePromotion } from '../../../shared/registry/write-promotion.ts';
import { createMemoryStore, type MemoryStore } from '../../support/registry/memory-store.ts';
import { registration } from '../../support/registry/version-draft.ts';

const now = new Date('2026-11-21T12:00:00Z');
let root: string;
let store: MemoryStore;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'weighin-promotion-'));
  store = createMemoryStore();
});
afterEach(() => rm(root, { recursive: true, force: true }));

interface Stages {
  readonly [stage: string]: object;
}
const configWith = (stages: Stages = { staging: {}, production: {} }, evaluation: object = {}): Config =>
  configSchema.parse({
    version: 1,
    models: { churn: { task: 'binary', evaluation: { gates: [{ metric: 'roc_auc', min: 0.8 }], ...evaluation }, stages } },
    rollouts: { careful: { strategy: 'canary', target: { kind: 'http', url: 'https://router.example.com/traffic' } } },
  });

type Verdict = NonNullable<VersionRecord['evaluation']>['verdict'];
async function register(seed: string, verdict: Verdict = 'pass', change: object = {}, gates: object[] = []) {
  const report = canonicalBytes({ seed, gates });
  const { draft, model } = registration({ seed, report });
  return registerVersion(store, { draft: { ...draft, ...change, evaluation: { ...draft.evaluation!, verdict } }, model, report });
}

const promote = (version: number, stage = 'production', config = configWith()) =>
  writePromotion({ root, store, config, model: 'churn', version, stage });
const adopt = (file: string, stage = 'production', config = configWith()) =>
  adoptModel({ root, store, config, model: 'churn', stage, file, now });
const everything = async () =>
  (await readdir(root, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();

describe('writePromotion', () => {
  it('writes the plan, a copy of the record and the stage file, each held to the others by digest', async () => {
    const { record, digest } = await register('a');
    const { changed, document, files } = await promote(1);
    expect(changed).toBe(true);
    expect(await everything()).toEqual(
      ['registry/churn/plans/production-1.json', 'registry/churn/stages/production.json', 'registry/churn/versions/v1.json'].sort(),
    );
    expect([...files].sort()).toEqual(await everything());
    expect(document).toEqual({
      schema: 'weighin/stage@1',
      model: 'churn',
      stage: 'production',
      generation: 1,
      operation: 'promote',
      promotion: 'churn.production.1',
      version: { number: 1, digest: record.subject.digest, record: digest },
      previous: null,
      plan: digestOf(await readFile(join(root, 'registry/churn/plans/production-1.json'))),
      rollout: null,
    });
    expect(await readFile(join(root, 'registry/churn/stages/production.json'))).toEqual(Buffer.from(canonicalBytes(document)));
    expect(await readFile(join(root, 'registry/churn/versions/v1.json'))).toEqual(
      Buffer.from((await store.read('models/churn/versions/1.json'))!),
    );
    expect(await readStage(root, 'churn', 'production')).toMatchObject({ document, record });
  });

  it('raises the generation by one and names what was there', async () => {
    await register('a');
    await register('b');
    const first = await promote(1);
    const second = await promote(2);
    expect(second.document).toMatchObject({
      generation: 2,
      previous: { number: 1, digest: first.document.version.digest, generation: 1 },
    });
    // Back to an older version is one more change.
    expect((await promote(1)).document).toMatchObject({ generation: 3, version: { number: 1 }, previous: { number: 2, generation: 2 } });
  });

  it('plans what an approval is given to: its digest changes with the policy of this stage, and with nothing else', async () => {
    await register('a');
    const digestUnder = async (config: Config) => {
      await rm(join(root, 'registry'), { recursive: true, force: true });
      return (await promote(1, 'production', config)).document.plan;
    };
    const usual = await digestUnder(configWith());
    expect(await digestUnder(configWith({ staging: { soak: '1h' }, production: {} }))).toBe(usual);
    expect(await digestUnder(configWith({ staging: {}, production: { approvals: 2 } }))).not.toBe(usual);
    expect(await digestUnder(configWith(undefined, { gates: [{ metric: 'roc_auc', min: 0.7 }] }))).not.toBe(usual);
  });

  it('binds the rollout and its target', async () => {
    await register('a');
    const { plan, document } = await promote(1, 'production', configWith({ production: { rollout: 'careful' } }));
    expect(plan).toMatchObject({
      rollout: { name: 'careful' },
      target: digestOfDocument({ kind: 'http', url: 'https://router.example.com/traffic' }),
      overrides: [],
      repositoryId: null,
    });
    expect(document.rollout).toEqual(plan.rollout);
  });

  it('does nothing where the stage is at the version already, and says so', async () => {
    await register('a');
    await promote(1);
    const before = await readFile(join(root, 'registry/churn/stages/production.json'));
    const again = await promote(1);
    expect(again).toMatchObject({ changed: false, files: [], notices: [{ code: 'ALREADY_AT_STAGE' }] });
    expect(await readFile(join(root, 'registry/churn/stages/production.json'))).toEqual(before);
    expect(await everything()).toHaveLength(3);
  });

  it.each([
    ['a version that is not there, naming the latest', 7, 'production', 'VERSION_NOT_FOUND', 'churn@v1'],
    ['a stage that is not declared, naming the nearest', 1, 'prodction', 'STAGE_UNKNOWN', 'production'],
    ['a stage that is a property of every object', 1, 'constructor', 'STAGE_UNKNOWN', 'staging'],
    ['a stage that is a path', 1, '../../x', 'INVALID_NAME', 'a-z'],
  ])('refuses %s', async (_what, version, stage, code, hint) => {
    await register('a');
    await expect(promote(version, stage)).rejects.toMatchObject({ code, hint: expect.stringContaining(hint) });
    expect(await everything()).toEqual([]);
  });

  it('refuses a model that is not declared, naming the nearest', async () => {
    const refused = writePromotion({ root, store, config: configWith(), model: 'chrn', version: 1, stage: 'production' });
    await expect(refused).rejects.toMatchObject({ code: 'MODEL_UNKNOWN', hint: expect.stringContaining('churn') });
  });

  it('refuses a verdict that stops, naming the gates', async () => {
    await register('a', 'fail', {}, [
      { id: 'roc_auc.min', status: 'fail', severity: 'fail' },
      { id: 'recall.min', status: 'pass', severity: 'fail' },
    ]);
    await expect(promote(1)).rejects.toMatchObject({
      code: 'VERDICT_NOT_PASS',
      message: expect.stringMatching(/^(?!.*recall).*roc_auc\.min/),
    });
    await register('b', 'error');
    await expect(promote(2)).rejects.toMatchObject({ code: 'VERDICT_NOT_PASS' });
    expect(await everything()).toEqual([]);
  });

  it.each([
    ['warn', {}, {}, true],
    ['inconclusive', {}, {}, true],
    ['inconclusive', {}, { defaults: { onInconclusive: 'fail' } }, false],
    ['warn', {}, { defaults: { onInconclusive: 'fail' } }, true],
    ['warn', { requires: 'pass' }, {}, false],
    ['inconclusive', { requires: 'pass' }, {}, false],
    ['pass', { requires: 'pass' }, {}, true],
  ] as const)('takes %s with %j and %j: %s', async (verdict, production, evaluation, taken) => {
    await register('a', verdict);
    const promoted = promote(1, 'production', configWith({ production }, evaluation)).then(
      (change) => change.changed,
      (error: { code: string }) => error.code,
    );
    expect(await promoted).toBe(taken ? true : 'VERDICT_NOT_PASS');
  });

  it('keeps the order of stages: the same bytes must be, or have been, at the one before', async () => {
    const config = configWith({ staging: {}, production: { after: 'staging' } });
    await register('a');
    await register('b');
    const tooEarly = { code: 'ORDER_NOT_KEPT', hint: expect.stringContaining('churn@v1 staging') };
    await expect(promote(1, 'production', config)).rejects.toMatchObject(tooEarly);
    await promote(2, 'staging', config);
    await expect(promote(1, 'production', config)).rejects.toMatchObject(tooEarly);
    await promote(1, 'staging', config);
    await promote(2, 'staging', config);
    expect((await promote(1, 'production', config)).changed).toBe(true);
  });

  it('takes the word of the builders that a stage names', async () => {
    const config = configWith({ production: { builders: ['airflow'] } });
    await register('a');
    await register('b', 'pass', { source: { ...registration().draft.source, builder: 'airflow' } });
    await expect(promote(1, 'production', config)).rejects.toMatchObject({ code: 'BUILDER_NOT_ACCEPTED' });
    expect((await promote(2, 'production', config)).changed).toBe(true);
  });

  it('says that evidence is claimed, and takes a script’s own metrics only where the stage allows it', async () => {
    await register('a', 'pass', { trust: 'measured' });
    expect((await promote(1)).notices).toEqual([]);
    await register('b');
    expect((await promote(2)).notices).toMatchObject([{ code: 'CLAIMED_EVIDENCE' }]);
    const { draft } = registration({ seed: 'c' });
    await register('c', 'pass', { subject: { ...draft.subject, format: 'metrics' } });
    await expect(promote(3)).rejects.toMatchObject({ code: 'CLAIMED_NOT_ALLOWED' });
    expect((await promote(3, 'production', configWith({ production: { allowClaimed: true } }))).changed).toBe(true);
  });

  it('promotes nothing whose bytes cannot be read back', async () => {
    const { record } = await register('a');
    store.objects.set(`blobs/sha256/${record.subject.digest.slice(7)}`, new Uint8Array([1]));
    await expect(promote(1)).rejects.toMatchObject({ code: 'BLOB_CORRUPT' });
    store.objects.delete(`blobs/sha256/${record.evaluation!.report.slice(7)}`);
    await expect(promote(1)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    expect(await everything()).toEqual([]);
  });

  it('writes all files or none', async () => {
    await register('a');
    await register('b');
    await promote(1);
    const before = await Promise.all((await everything()).map((file) => readFile(join(root, file), 'utf8')));
    const files = await everything();
    await mkdir(join(root, 'registry/churn/plans/production-2.json/x'), { recursive: true });
    await expect(promote(2)).rejects.toMatchObject({ code: 'REGISTRY_UNWRITABLE' });
    expect(await everything()).toEqual(files);
    expect(await Promise.all(files.map((file) => readFile(join(root, file), 'utf8')))).toEqual(before);
  });
});

describe('adoptModel', () => {
  it('takes in what runs today: a version that nobody evaluated, and the stage that points at it', async () => {
    const file = join(root, 'model.onnx');
    await writeFile(file, 'the model of today');
    const { document, version, changed } = await adopt(file);
    expect(changed).toBe(true);
    expect(document).toMatchObject({ operation: 'adopt', generation: 1, version: { number: 1, digest: digestOf(await readFile(file)) } });
    expect(version.record).toMatchObject({
      trust: 'claimed',
      evaluation: null,
      training: null,
      createdAt: '2026-11-21T12:00:00.000Z',
      source: { builder: 'adopted', repository: null },
      subject: { format: 'onnx', bytes: 18 },
    });
    expect(await readVersion(store, 'churn', 1)).toEqual(version);
    expect((await readStage(root, 'churn', 'production'))?.plan).toMatchObject({ operation: 'adopt', evaluation: null });
  });

  it('adopts the same bytes once, into several stages', async () => {
    const file = join(root, 'model.onnx');
    await writeFile(file, 'the model of today');
    await adopt(file, 'staging');
    expect((await adopt(file, 'production')).document.version.number).toBe(1);
    expect(await adopt(file, 'production')).toMatchObject({ changed: false, notices: [{ code: 'ALREADY_AT_STAGE' }] });
  });

  it('takes nothing into a stage that points at another model, and registers nothing then', async () => {
    await register('a');
    await promote(1);
    const file = join(root, 'model.onnx');
    await writeFile(file, 'the model of today');
    await expect(adopt(file)).rejects.toMatchObject({ code: 'STAGE_NOT_EMPTY' });
    expect([...store.objects.keys()].filter((key) => key.startsWith('models/'))).toHaveLength(1);
  });

  it('is no way round the gates: what was adopted into one stage is not promoted to the next', async () => {
    const file = join(root, 'model.onnx');
    await writeFile(file, 'the model of today');
    await adopt(file, 'staging');
    await expect(promote(1, 'production')).rejects.toMatchObject({ code: 'NOT_EVALUATED' });
  });

  it('says which file is missing', async () => {
    await expect(adopt(join(root, 'absent.onnx'))).rejects.toMatchObject({ code: 'MODEL_FILE_MISSING' });
  });
});

describe('readStage', () => {
  const stageFile = 'registry/churn/stages/production.json';
  beforeEach(async () => {
    await register('a');
    await register('b');
    await promote(1);
    await promote(2);
  });

  it('is null where the stage points at nothing yet', async () => {
    expect(await readStage(root, 'churn', 'staging')).toBeNull();
  });

  const edit = async (path: string, change: (text: string) => string) =>
    writeFile(join(root, path), change(await readFile(join(root, path), 'utf8')));
  it.each<[string, string, (text: string) => string]>([
    ['a number of another version', stageFile, (text) => text.replace('"number":2', '"number":1')],
    ['another generation', stageFile, (text) => text.replace('"generation":2', '"generation":1')],
    ['a further key', stageFile, (text) => text.replace('{', '{"note":"x",')],
    ['the marks of a merge', stageFile, (text) => `<<<<<<< HEAD\n${text}\n=======\n${text}\n>>>>>>> other\n`],
    ['half of it', stageFile, (text) => text.slice(0, 50)],
    ['another stage’s file', stageFile, (text) => text.replaceAll('production', 'staging')],
    ['an edited plan', 'registry/churn/plans/production-2.json', (text) => text.replace('"overrides":[]', '"overrides":[1]')],
    ['an edited record', 'registry/churn/versions/v2.json', (text) => text.replace('"claimed"', '"measured"')],
  ])('finds an edit by hand: %s', async (_what, path, change) => {
    await edit(path, change);
    await expect(readStage(root, 'churn', 'production')).rejects.toMatchObject({
      code: 'REGISTRY_FILE_INVALID',
      location: { file: expect.stringContaining('registry/churn/') },
    });
    // Nor is anything promoted on top of it.
    await expect(promote(1)).rejects.toMatchObject({ code: 'REGISTRY_FILE_INVALID' });
  });

  it('finds a version that was put in whole, where the plan says another', async () => {
    const { version } = JSON.parse(await readFile(join(root, stageFile), 'utf8')) as { version: object };
    const first = await readVersion(store, 'churn', 1);
    const other = { number: 1, digest: first.record.subject.digest, record: first.digest };
    await edit(stageFile, (text) => text.replace(JSON.stringify(version), JSON.stringify(other)));
    await expect(readStage(root, 'churn', 'production')).rejects.toMatchObject({ message: expect.stringContaining('its plan') });
  });

  it.each(['registry/churn/plans/production-2.json', 'registry/churn/versions/v2.json'])('misses %s', async (path) => {
    await rm(join(root, path));
    await expect(readStage(root, 'churn', 'production')).rejects.toMatchObject({
      code: 'REGISTRY_FILE_INVALID',
      message: expect.stringContaining(path),
    });
  });

  it('does not mind how the text is laid out', async () => {
    await edit(stageFile, (text) => `${JSON.stringify(JSON.parse(text), null, 2)}\n`);
    expect((await readStage(root, 'churn', 'production'))?.document.version.number).toBe(2);
  });

  it('does not take a file that cannot be read for one that is not there', async () => {
    await rm(join(root, stageFile));
    await mkdir(join(root, stageFile));
    await expect(readStage(root, 'churn', 'production')).rejects.toMatchObject({ code: 'REGISTRY_UNREADABLE' });
    await chmod(join(root, stageFile), 0o755);
  });
});

describe('parseVersionName', () => {
  it.each([
    ['churn@v12', { model: 'churn', number: 12 }],
    ['churn@12', { model: 'churn', number: 12 }],
  ])('%s', (written, name) => expect(parseVersionName(written)).toEqual(name));
  it.each(['churn', 'churn@', 'churn@v0', 'churn@v01', 'churn@v1.5', '@v1', 'churn@latest', 'churn@v-1'])(
    '%s names no version',
    (written) => expect(() => parseVersionName(written)).toThrow(expect.objectContaining({ code: 'UNKNOWN_VERSION' })),
  );
  it('lets no path through', () => expect(() => parseVersionName('../../x@v1')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' })));
});
