/** Preloaded into processes: when they end, the largest resident memory (bytes) of one is in $FEATINV_TEST_PEAK. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

const report = process.env.FEATINV_TEST_PEAK;

process.on('exit', () => {
  const others = existsSync(report) ? Number(readFileSync(report, 'utf8')) : 0;
  const own = process.resourceUsage().maxRSS * 1024;
  writeFileSync(report, String(Math.max(own, others)));
});
