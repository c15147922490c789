import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { handlers } from '../../bot/handlers/handler-table.ts';
import { appEvents, appPermissions, permissionsToAsk } from '../../shared/doctor/app-permissions.ts';

const text = readFileSync(join(import.meta.dirname, '..', '..', 'app.yml'), 'utf8');
const manifest = parse(text);

/** The specification's list, written out a second time so that no one line can widen it. */
const allowed = {
  metadata: 'read',
  contents: 'write',
  pull_requests: 'write',
  issues: 'write',
  checks: 'write',
  actions: 'read',
  deployments: 'write',
  attestations: 'read',
  merge_queues: 'read',
  members: 'read',
};

it('asks for these permissions and nothing else, in the manifest and in tokens', () => {
  expect(manifest.default_permissions).toEqual(allowed);
  expect(Object.fromEntries(appPermissions.map(({ name, access }) => [name, access]))).toEqual(allowed);
});

it('holds no key that would give the App more, or make it public', () => {
  expect(Object.keys(manifest).sort()).toEqual(['default_events', 'default_permissions', 'description', 'name', 'public', 'url']);
  expect(manifest.public).toBe(false);
});

it('subscribes to the events that have a handler, and to no other', () => {
  expect(manifest.default_events).toEqual(appEvents.map(({ name }) => name));
  expect([...manifest.default_events].sort()).toEqual(handlers.map(({ event }) => event).sort());
});

it('says of each permission and event what it is for', () => {
  for (const { name, access, reason } of appPermissions) expect(text).toMatch(line(`${name}: ${access}`, reason));
  for (const { name, reason } of appEvents) expect(text).toMatch(line(`- ${name}`, reason));
});

it('asks a token for what was granted, never for more', () => {
  expect(permissionsToAsk({ ...allowed, administration: 'write', secrets: 'write' })).toEqual({ ask: allowed, missing: [] });
  const { ask, missing } = permissionsToAsk({ metadata: 'read', contents: 'read', checks: 'write', actions: 'write' });
  expect(ask).toEqual({ metadata: 'read', checks: 'write', actions: 'read' });
  expect(missing.map(({ name }) => name)).toContain('contents');
});

const line = (start: string, reason: string) =>
  new RegExp(`^ +${start.replaceAll(/[-]/g, '\\-')} +# ${reason.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`, 'm');
