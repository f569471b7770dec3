/** Cholesky factor of a growing and shrinking part of a Gram matrix, plus a multiple of the identity. */
export class ActiveFactor {
  /** Numbers of the atoms of the part, in the order of the factor's rows. */
  readonly active: number[] = [];
  /** Lower triangle, [k, k] row by row; only the first `valid` rows hold. */
  private readonly lower: Float64Array;
  private valid = 0;

  /** @param gram [size, size] row by row */
  constructor(
    private readonly gram: Float64Array,
    private readonly size: number,
    private readonly ridge: number,
  ) {
    this.lower = new Float64Array(size * size);
  }

  add(atom: number): void {
    this.active.push(atom);
  }

  /** Takes out the atom at this place, in O(k²) by Givens rotations. */
  remove(place: number): void {
    const { active, lower, size } = this;
    active.splice(place, 1);
    if (place >= this.valid) return;
    this.valid--;
    for (let i = place; i < this.valid; i++) {
      lower.copyWithin(i * size, (i + 1) * size, (i + 1) * size + i + 2);
    }
    // Row i now reaches one column too far: rotate that entry into the diagonal.
    for (let j = place; j < this.valid; j++) {
      const [x, y] = [lower[j * size + j]!, lower[j * size + j + 1]!];
      const length = Math.hypot(x, y);
      const [cosine, sine] = [x / length, y / length];
      for (let i = j; i < this.valid; i++) {
        const at = i * size + j;
        const [left, right] = [lower[at]!, lower[at + 1]!];
        lower[at] = cosine * left + sine * right;
        lower[at + 1] = cosine * right - sine * left;
      }
    }
  }

  /** (G + ridge I)^-1 b on the part, b and the result in the order of `active`. */
  solve(b: ArrayLike<number>): Float64Array {
    this.factorRows();
    const { lower, size } = this;
    const x = Float64Array.from(b);
    for (let i = 0; i < x.length; i++) {
      let sum = x[i]!;
      for (let j = 0; j < i; j++) sum -= lower[i * size + j]! * x[j]!;
      x[i] = sum / lower[i * size + i]!;
    }
    for (let i = x.length - 1; i >= 0; i--) {
      const value = (x[i]! /= lower[i * size + i]!);
      for (let j = 0; j < i; j++) x[j]! -= lower[i * size + j]! * value;
    }
    return x;
  }

  private factorRows(): void {
    const { active, gram, lower, size, ridge } = this;
    for (let i = this.valid; i < active.length; i++) {
      const row = i * size;
      const source = active[i]! * size;
      let square = gram[source + active[i]!]! + ridge;
      for (let j = 0; j < i; j++) {
        const other = j * size;
        let sum = gram[source + active[j]!]!;
        for (let k = 0; k < j; k++) sum -= lower[row + k]! * lower[other + k]!;
        const value = sum / lower[other + j]!;
        lower[row + j] = value;
        square -= value * value;
      }
      lower[row + i] = Math.sqrt(Math.max(square, ridge));
    }
    this.valid = active.length;
  }
}
