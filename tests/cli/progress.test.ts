import { describe, expect, it } from 'vitest';

import { formatDuration, Progress } from '../../src/cli/progress.js';

function fakeStream(isTTY: boolean) {
  const written: string[] = [];
  return { isTTY, columns: 40, written, write: (chunk: string) => written.push(chunk) };
}

describe('progress', () => {
  it('writes a plain line every ten seconds where there is no terminal', () => {
    const stream = fakeStream(false);
    let now = 0;
    const progress = new Progress(stream, 'Training', { total: 100, unit: 'steps' }, () => now);
    for (let second = 1; second <= 20; second++) {
      now = second * 1000;
      progress.update(second * 2, 'cosine 0.41');
    }
    progress.finish();
    expect(stream.written).toEqual([
      'Training 20/100 steps · 2.0 steps/s · 40 s left · cosine 0.41\n',
      'Training 40/100 steps · 2.0 steps/s · 30 s left · cosine 0.41\n',
      'Training 40/100 steps · 2.0 steps/s · 30 s left · cosine 0.41\n',
    ]);
  });

  it('redraws one line that fits a terminal, and takes it away at the end', () => {
    const stream = fakeStream(true);
    let now = 0;
    const progress = new Progress(stream, 'Images', { total: 8, unit: 'images' }, () => now);
    now = 5000;
    progress.update(1, 'a note that is much too long for it');
    progress.log('one line');
    progress.finish();
    expect(stream.written[1]).toBe('\r\u001b[KImages 1/8 images · 5.0 s per image · 3');
    expect(stream.written.slice(2, 4)).toEqual(['\r\u001b[K', 'one line\n']);
    expect(stream.written.at(-1)).toBe('\r\u001b[K');
  });

  it('counts the rate of a resumed run from where it began', () => {
    const stream = fakeStream(false);
    let now = 0;
    const options = { total: 1000, unit: 'steps', start: 900 };
    const progress = new Progress(stream, 'Training', options, () => now);
    now = 10_000;
    progress.update(920);
    expect(stream.written).toEqual(['Training 920/1000 steps · 2.0 steps/s · 40 s left\n']);
  });

  it('says durations in words', () => {
    expect([0, 59.6, 61, 7500].map(formatDuration)).toEqual([
      '0 s',
      '1 min 0 s',
      '1 min 1 s',
      '2 h 5 min',
    ]);
  });
});
