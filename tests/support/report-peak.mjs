/** Preloaded into a process: when that ends, its largest resident memory (bytes) is in $FEATINV_TEST_PEAK. */
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS } = process.resourceUsage();
  writeFileSync(process.env.FEATINV_TEST_PEAK, String(maxRSS * 1024));
});
