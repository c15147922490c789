import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { expect, it } from 'vitest';

/** Rooms of shared/ in the order in which data flows: a room imports rooms before it, never those after it. */
const rooms = [
  'errors.ts',
  'verdict',
  'words',
  'digest',
  'spec',
  'statistics',
  'onnx',
  'query',
  'source',
  'config',
  'contract',
  'profile',
  'dataset',
  'training',
  'scoring',
  'evaluation',
  'gate',
  'drift',
  'production',
  'card',
  'registry',
  'monitoring',
  'attestation',
  'report',
  'pipeline',
  'promotion',
  'rollout',
  'serving',
  'doctor',
];
/** Engines and services: only adapters touch them, the bundles' own surroundings (`@actions/core`) aside. */
const sdks = [
  '@duckdb/node-api',
  'onnxruntime-node',
  'onnxruntime-common',
  '@aws-sdk/',
  '@smithy/',
  '@actions/github',
  'octokit',
  '@octokit/',
  '@sigstore/',
  'child_process',
  'pg',
  '@grpc/',
  'apache-arrow',
];
const tops = ['actions', 'bot', 'cli'];

const root = join(import.meta.dirname, '..', '..');
const files = ['shared', ...tops].flatMap((folder) => {
  try {
    return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name).replaceAll('\\', '/'));
  } catch {
    return [];
  }
});
const imports = files.flatMap((file) =>
  [...readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)].map(([, named = '']) => ({
    file,
    named,
    target: named.startsWith('.') ? relative(root, join(root, dirname(file), named)).replaceAll('\\', '/') : named,
  })),
);
const roomOf = (path: string) => (path.startsWith('shared/') ? path.split('/')[1] : undefined);

it('finds the code that it judges', () => {
  expect(files.length).toBeGreaterThan(50);
  expect(imports.length).toBeGreaterThan(files.length);
});

it('lets data flow one way through the rooms of shared/', () => {
  const wrong = imports.filter(({ file, target }) => {
    const [from, to] = [roomOf(file), roomOf(target)];
    if (!from || !to || from === 'adapters') return false;
    return to === 'adapters' || rooms.indexOf(to) > rooms.indexOf(from);
  });
  expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

it('knows every room', () => {
  const unknown = new Set(files.map(roomOf).filter((room) => room && room !== 'adapters' && !rooms.includes(room)));
  expect([...unknown]).toEqual([]);
});

it('keeps engines and services behind adapters', () => {
  const wrong = imports.filter(
    ({ file, named }) =>
      !file.startsWith('shared/adapters/') && sdks.some((sdk) => named === sdk || named.startsWith(sdk) || named === `node:${sdk}`),
  );
  expect(wrong.map(({ file, named }) => `${file} imports ${named}`)).toEqual([]);
});

it('keeps actions, bot and cli apart, and out of shared/', () => {
  const wrong = imports.filter(({ file, target }) => {
    const [from = '', to = ''] = [file.split('/')[0], target.split('/')[0]];
    if (!tops.includes(to) || from === to) return false;
    // The one launcher: the same bot as a workflow, without hosting.
    if (file.startsWith('actions/bot/') && to === 'bot') return false;
    // What an action takes and gives is data, declared once: the command line offers the same.
    if (from === 'cli' && /^actions\/[^/]+\/spec\.ts$/.test(target)) return false;
    return true;
  });
  expect(wrong.map(({ file, target }) => `${file} imports ${target}`)).toEqual([]);
});

it('names files for what they export, and keeps no drawers without a subject', () => {
  const wrong = files.filter(
    (file) => !/^[a-z0-9/-]+(?:\.[a-z0-9]+)?\.ts$/.test(file) || /(?:^|\/)(?:utils?|helpers?|common|misc)(?:\.ts|\/)/.test(file),
  );
  expect(wrong).toEqual([]);
});

it('keeps main.ts of an action short: read inputs, call shared/, write outputs', () => {
  const long = files
    .filter((file) => /^actions\/[^/]+\/main\.ts$/.test(file))
    .filter((file) => readFileSync(join(root, file), 'utf8').split('\n').length > 80);
  expect(long).toEqual([]);
});
