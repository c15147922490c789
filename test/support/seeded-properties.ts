import fc from 'fast-check';

/**
 * Properties are tried on the same cases every time, so that a change is judged by what it changed. `WEIGHIN_PROPERTY_SEED=7 npm test`
 * tries others; what another seed finds becomes a test of its own.
 */
fc.configureGlobal({ seed: Number(process.env['WEIGHIN_PROPERTY_SEED'] ?? 20261121) });
