import { writeFileSync } from 'node:fs';

/** Loaded before a measured process by `node --import`: leaves its greatest resident set, in bytes, in the file that WEIGHIN_PEAK names. */
process.on('exit', () => {
  if (process.env['WEIGHIN_PEAK']) writeFileSync(process.env['WEIGHIN_PEAK'], String(process.resourceUsage().maxRSS * 1024));
});
