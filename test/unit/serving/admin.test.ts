import { describe, expect, it } from 'vitest';
import { adminState, loadVersion, setWeights, unloadVersion } from '../../../shared/serving/admin.ts';
import type { ServingEngine } from '../../../shared/serving/serving-engine.ts';
import { bytesOf, playEngine } from './play-engine.ts';

const state = (engine: ServingEngine) => adminState(engine, true) as Record<string, unknown>;
const load = (engine: ServingEngine, body: unknown) => loadVersion(engine, body, async () => undefined);

describe('the state of a server', () => {
  it('that has just started has no lease and no revision, whatever it was told before it ended', async () => {
    const { engine } = await playEngine(['v11', 'v12'], { fallback: { version: 'v12' } });
    expect(state(engine)).toEqual({
      model: 'churn',
      ready: true,
      stable: 'v11',
      weights: { v11: 100 },
      leaseSeconds: null,
      revision: null,
      versions: ['v11', 'v12'],
      shadow: [],
      fallback: 'v12',
      loaded: [
        { version: 'v11', digest: 'sha256:v11', threads: 1, alive: true, breaker: 'closed', inFlight: 0 },
        { version: 'v12', digest: 'sha256:v12', threads: 1, alive: true, breaker: 'closed', inFlight: 0 },
      ],
    });
  });

  it('says a lease as it runs and that it ran out, and keeps the revision', async () => {
    const { engine, clock } = await playEngine(['v11', 'v12']);
    setWeights(engine, { weights: { v11: 70, v12: 30 }, leaseSeconds: 60, revision: 7 });
    clock.now = 20_000;
    expect(state(engine)).toMatchObject({ weights: { v11: 70, v12: 30 }, leaseSeconds: 40, revision: 7 });
    clock.now = 60_000;
    expect(state(engine)).toMatchObject({ weights: { v11: 100 }, leaseSeconds: 0, revision: 7 });
    expect(() => setWeights(engine, { weights: { v11: 70, v12: 30 }, revision: 6 })).toThrow('Revision 6 is older than 7');
    setWeights(engine, { weights: { v11: 70, v12: 30 }, revision: 7 });
    expect(state(engine)).toMatchObject({ weights: { v11: 70, v12: 30 }, leaseSeconds: null, revision: 7 });
  });

  it('moves to a new stable with its weights in one request, and back in one', async () => {
    const { engine } = await playEngine(['v11', 'v12']);
    setWeights(engine, { weights: { v12: 100 }, stable: 'v12', revision: 8 });
    expect(state(engine)).toMatchObject({ stable: 'v12', weights: { v12: 100 }, leaseSeconds: null });
    setWeights(engine, { weights: { v11: 90, v12: 10 }, stable: 'v11', revision: 9, leaseSeconds: 30 });
    expect(state(engine)).toMatchObject({ stable: 'v11', weights: { v11: 90, v12: 10 }, leaseSeconds: 30, revision: 9 });
    expect(() => setWeights(engine, { weights: { v11: 100 }, stable: 'v13' })).toThrow('v13 is not loaded here');
    // Refused as a whole: also the part that would have been right.
    expect(() => setWeights(engine, { weights: { v12: 100 }, stable: 'v12', revision: 1 })).toThrow('older');
    expect(state(engine)).toMatchObject({ stable: 'v11', weights: { v11: 90, v12: 10 }, revision: 9 });
  });
});

describe('a shadow', () => {
  it('begins and ends by a load, ends when it answers, and does not begin while it does', async () => {
    const { engine } = await playEngine(['v11', 'v12']);
    await load(engine, { version: 'v12', shadow: true });
    expect(state(engine)).toMatchObject({ shadow: ['v12'] });
    await load(engine, { version: 'v12' });
    expect(state(engine)).toMatchObject({ shadow: ['v12'] });
    await load(engine, { version: 'v12', shadow: false });
    expect(state(engine)).toMatchObject({ shadow: [] });
    await load(engine, { version: 'v12', shadow: true });
    setWeights(engine, { weights: { v11: 95, v12: 5 } });
    expect(state(engine)).toMatchObject({ shadow: [] });
    await expect(load(engine, { version: 'v12', shadow: true })).rejects.toMatchObject({ status: 409, code: 'VERSION_IN_USE' });
    setWeights(engine, { weights: { v11: 100 } });
    await load(engine, { version: 'v12', shadow: true });
    await unloadVersion(engine, { version: 'v12' });
    expect(state(engine)).toMatchObject({ shadow: [], versions: ['v11'] });
  });
});

describe('a version that is loaded twice at once', () => {
  it('is opened once', async () => {
    const { engine, behaviour, opened } = await playEngine(['v11', 'v12']);
    await engine.fleet.unload('v12');
    const source = {
      version: 'v12',
      bytes: bytesOf('v12'),
      digest: 'sha256:v12',
      task: 'binary' as const,
      score: undefined,
      positive: null,
      features: null,
      contract: null,
    };
    await Promise.all([engine.fleet.load(source), engine.fleet.load(source)]);
    expect(opened).toEqual(['v11', 'v12', 'v12']);
    await expect(engine.fleet.load({ ...source, digest: 'sha256:other' })).rejects.toMatchObject({ code: 'VERSION_OTHER_BYTES' });
    await engine.fleet.unload('v12');
    expect(behaviour('v12').closed).toBe(true);
  });
});

describe('a body that is not right', () => {
  it.each([
    ['weights', () => ({ weights: 5 }), 'weights must be percentages by version, such as {"v11": 95, "v12": 5}.'],
    ['leaseSeconds', () => ({ weights: { v11: 100 }, leaseSeconds: -1 }), 'leaseSeconds must be seconds above 0 and at most 86400.'],
    ['revison', () => ({ weights: { v11: 100 }, revison: 1 }), 'revison is no field of this request.'],
  ])('says what belongs to %s', async (field, body, message) => {
    const { engine } = await playEngine(['v11']);
    expect(() => setWeights(engine, body())).toThrow(expect.objectContaining({ code: 'BODY_INVALID', field, message }));
  });

  it('says how a version is written, and that a list is no body', async () => {
    const { engine } = await playEngine(['v11']);
    await expect(load(engine, { version: '../x' })).rejects.toMatchObject({ message: 'version must be a version such as v12.' });
    await expect(load(engine, [])).rejects.toMatchObject({ message: 'The body must be a JSON object; docs/serving.md shows it.' });
  });
});
