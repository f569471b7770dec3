import { Random } from '../../../src/random.js';

/** Murmur's finaliser of a 32-bit integer. */
function hashed(index: number): number {
  let h = index >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** The numbers of reference/corruptions/scripted_random.py: uniform and normal ones from two sequences. */
export class ScriptedRandom extends Random {
  private uniforms = 0;
  private normals = 0;

  constructor() {
    super(0);
  }

  override uniform(): number {
    this.uniforms += 1;
    return (hashed(this.uniforms) + 0.5) / 2 ** 32;
  }

  override normal(): number {
    this.normals += 1;
    const h = hashed(this.normals + 2 ** 31);
    const sum = (h & 255) + ((h >>> 8) & 255) + ((h >>> 16) & 255) + (h >>> 24);
    return Math.fround((sum - 510) / Math.sqrt((256 ** 2 - 1) / 3));
  }
}
