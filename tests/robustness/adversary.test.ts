import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadBackbone } from '../../src/backbones/index.js';
import { readImage } from '../../src/images/read-image.js';
import { centreSquare } from '../../src/images/resize.js';
import type { RgbImage } from '../../src/images/rgb-image.js';
import { topIndices } from '../../src/metrics/index.js';
import { Adversary, fgsm } from '../../src/robustness/adversary.js';
import { findClass } from '../../src/robustness/find-class.js';
import { photograph } from '../cli/bad-files.js';

const SIZE = 64;
let adversary: Adversary;
let image: RgbImage;
let labels: readonly string[];

beforeAll(async () => {
  const backbone = await loadBackbone('mobilenet_v1_025');
  labels = backbone.labels;
  adversary = await Adversary.open(backbone, SIZE, { threads: 1 });
  image = centreSquare(await readImage(photograph('macaw.jpg')), SIZE);
});

afterAll(() => adversary.dispose());

const largestChange = (changed: RgbImage): number =>
  Math.max(...changed.data.map((value, i) => Math.abs(value - image.data[i]!)));

describe('the adversary', () => {
  it('moves a picture away from its class and stays within ε', async () => {
    const options = { norm: 'linf', epsilon: 8 / 255, steps: 5 } as const;
    const attacked = await adversary.attack(image, options);
    expect(attacked.succeeded).toBe(true);
    const [before] = topIndices(attacked.logits.original, 1);
    const [after] = topIndices(attacked.logits.attacked, 1);
    expect(after).not.toBe(before);
    expect(largestChange(attacked.image)).toBeLessThanOrEqual(8);
    expect(attacked.distance.linf).toBe(largestChange(attacked.image) / 255);
    expect((await adversary.attack(image, options)).image).toEqual(attacked.image);
  });

  it('arrives at a target', async () => {
    const target = findClass(labels, 'espresso');
    const options = { norm: 'linf', epsilon: 8 / 255, steps: 20, target } as const;
    const attacked = await adversary.attack(image, options);
    expect(attacked.succeeded).toBe(true);
    expect(topIndices(attacked.logits.attacked, 1)).toEqual([target]);
  });

  it('takes one step of the full size for FGSM', async () => {
    const attacked = await adversary.attack(image, fgsm(4 / 255));
    const changes = [...attacked.image.data].map((value, i) => Math.abs(value - image.data[i]!));
    const inside = changes.filter((_, i) => image.data[i]! >= 4 && image.data[i]! <= 251);
    // Everywhere but where the gradient is exactly 0 the step is as long as it may be.
    expect(inside.filter((change) => change === 4).length / inside.length).toBeGreaterThan(0.99);
    expect(Math.max(...changes)).toBe(4);
  });

  it('measures ε as Euclidean length for l2, up to the rounding of pixels', async () => {
    const attacked = await adversary.attack(image, { norm: 'l2', epsilon: 2, steps: 5 });
    const rounding = (0.5 / 255) * Math.sqrt(image.data.length);
    expect(attacked.distance.l2).toBeLessThanOrEqual(2 + rounding);
    expect(attacked.distance.l2).toBeGreaterThan(1);
  });

  it('begins elsewhere for another seed', async () => {
    const options = { norm: 'linf', epsilon: 8 / 255, steps: 1 } as const;
    const first = await adversary.attack(image, { ...options, seed: 1 });
    const second = await adversary.attack(image, { ...options, seed: 2 });
    expect(first.image).not.toEqual(second.image);
    expect(largestChange(first.image)).toBeLessThanOrEqual(8);
  });

  it('refuses a class that does not exist', async () => {
    const options = { norm: 'linf', epsilon: 0.1, steps: 1, target: 1000 } as const;
    await expect(adversary.attack(image, options)).rejects.toThrow('they go from 0 to 999');
  });
});

describe('findClass', () => {
  it('takes numbers, whole names and parts that belong to one class', () => {
    expect(findClass(['tench, Tinca tinca', 'goldfish', 'great white shark'], '1')).toBe(1);
    expect(findClass(['tench, Tinca tinca', 'goldfish', 'great white shark'], 'tinca TINCA')).toBe(
      0,
    );
    expect(findClass(['tench, Tinca tinca', 'goldfish', 'great white shark'], 'white')).toBe(2);
    expect(findClass(['cat, tom', 'wildcat'], 'cat')).toBe(0);
  });

  it('says what would be right', () => {
    const names = ['tabby cat', 'Persian cat', 'goldfish'];
    expect(() => findClass(names, 'cat')).toThrow(
      '"cat" is a part of 2 class names (0 tabby cat; 1 Persian cat, …): give a number',
    );
    expect(() => findClass(names, 'goldfisch')).toThrow('did you mean "goldfish"?');
    expect(() => findClass(names, '3')).toThrow('they go from 0 to 2');
  });
});
