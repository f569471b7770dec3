/**
 * A process that speaks the lines of bench/protocol.ts and makes its numbers up. Arguments: milliseconds of a
 * run, peak memory in MB, and how it misbehaves, if it does.
 */
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const [milliseconds, peakRssMB, manner, log] = process.argv.slice(2);

function answer(request) {
  if (log) appendFileSync(log, `${milliseconds} ${Object.keys(request)[0]}\n`);
  if ('open' in request) {
    const probing = request.layout === 'probe';
    return {
      flops: 2e9,
      layout: probing ? 'channels_last' : request.layout,
      versions: { fake: '1.0' },
    };
  }
  if ('run' in request) {
    return { milliseconds: Array.from({ length: request.run }, () => Number(milliseconds)) };
  }
  return { peakRssMB: Number(peakRssMB) };
}

for await (const line of createInterface({ input: process.stdin })) {
  const request = JSON.parse(line);
  if (manner === 'dies') process.exit(3);
  if (manner === 'fails') console.log('{"error": "there is no such network"}');
  else if (manner === 'prints') console.log('Loading weights: 100 %');
  else if (manner === 'misanswers') console.log('{"milliseconds": "fast"}');
  else console.log(JSON.stringify(answer(request)));
  if ('end' in request) break;
}
