import type { Random } from '../../random.js';

/** Half of the range of the first displacement's factor; only its ratio to the later ones matters. */
const FIRST_WOBBLE = 100;

/**
 * Clouds on a square [size, size] that continues at its opposite edge, values from 0 to 1; size is a power
 * of two. Diamond-square midpoint displacement (Fournier, Fussell and Carpenter, "Computer rendering of
 * stochastic models", 1982). A displacement is uniform within the square of a wobble, which `decay` divides
 * from scale to scale, so it shrinks by decay².
 */
export function plasmaFractal(size: number, decay: number, random: Random): Float64Array {
  const map = new Float64Array(size * size);
  const at = (y: number, x: number): number =>
    map[((y + size) % size) * size + ((x + size) % size)]!;
  let wobble = FIRST_WOBBLE;
  const displaced = (sum: number): number =>
    sum / 4 + wobble * (-wobble + 2 * wobble * random.uniform());
  for (let step = size; step >= 2; step /= 2, wobble /= decay) {
    const half = step / 2;
    // Points of one kind depend only on the others, so filling them in place is safe.
    const fill = (top: number, left: number, sum: (y: number, x: number) => number): void => {
      for (let y = top; y < size; y += step) {
        for (let x = left; x < size; x += step) map[y * size + x] = displaced(sum(y, x));
      }
    };
    fill(half, half, (y, x) => {
      const [top, left, bottom, right] = [y - half, x - half, y + half, x + half];
      return at(top, left) + at(bottom, left) + (at(top, right) + at(bottom, right));
    });
    fill(
      0,
      half,
      (y, x) => at(y + half, x) + at(y - half, x) + (at(y, x - half) + at(y, x + half)),
    );
    fill(
      half,
      0,
      (y, x) => at(y, x + half) + at(y, x - half) + (at(y - half, x) + at(y + half, x)),
    );
  }
  const lowest = map.reduce((a, b) => Math.min(a, b));
  const span = map.reduce((a, b) => Math.max(a, b)) - lowest;
  return map.map((value) => (value - lowest) / span);
}
