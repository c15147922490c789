import { expect, it } from 'vitest';
import { driftReportSchema } from '../../shared/drift/drift-report.ts';
import { readProfile } from '../../shared/profile/read-profile.ts';
import { churnRepository } from '../support/churn-repository.ts';

const run = '.weighin/runs/churn';

it('shows which columns of the training rows moved since production was trained, and stops nobody for it', async () => {
  const repository = churnRepository({ rows: 4_000 });
  expect((await repository.run('run')).status).toBe(0);
  // Nothing to compare with yet.
  expect(repository.report().drift).toBeNull();
  expect(repository.has(`${run}/drift.json`)).toBe(false);
  await repository.promote();
  const kept = await repository.run('run', '--force');
  expect(kept.status, kept.stderr).toBe(0);
  // Production's own rows.
  expect(repository.report().drift).toBeNull();

  // Half of the basic customers have another plan now, and everyone calls as before.
  const [header = '', ...rows] = repository.read('data/customers.csv').trim().split('\n');
  const moved = rows.map((row, index) => (index % 2 === 0 ? row.replace(',basic,', ',plus,') : row));
  repository.write('data/customers.csv', `${[header, ...moved].join('\n')}\n`);
  const { status, stderr } = await repository.run('run');
  expect(status, stderr).toBe(0);
  const { drift, verdict } = repository.report();
  expect(drift).toMatchObject({ level: 'drift', against: 'training of production v1' });
  expect(drift?.moved.map(({ column }) => column)).toEqual(['plan']);
  expect(drift?.moved[0]?.effect).toBeGreaterThan(0.1);
  expect(['pass', 'warn', 'inconclusive']).toContain(verdict);
  expect(repository.read(`${run}/comment.md`)).toContain('**Drift:** 1 of ');
  expect(repository.read(`${run}/drift.html`)).toContain('plan');
  const full = driftReportSchema.parse(JSON.parse(repository.read(`${run}/drift.json`)));
  expect(full.columns[0]).toMatchObject({ column: 'plan', level: 'drift' });

  // Neither identifiers nor rare values are in what the store keeps.
  const profile = readProfile(repository.read(`${run}/profile.json`), 'profile.json');
  expect(profile.columns.map(({ name }) => name)).not.toContain('customer_id');
});
