/** Indices of the k largest scores, largest first; equal scores keep the lower index first. */
export function topIndices(scores: ArrayLike<number>, k: number): number[] {
  return Array.from({ length: scores.length }, (_, i) => i)
    .sort((a, b) => scores[b]! - scores[a]! || a - b)
    .slice(0, k);
}

/** Whether both score vectors (logits or probabilities) have the same first class. */
export function matchesTop1(
  original: ArrayLike<number>,
  reconstruction: ArrayLike<number>,
): boolean {
  return topIndices(original, 1)[0] === topIndices(reconstruction, 1)[0];
}

/** Whether the original's first class is among the reconstruction's first five: "top5(1) match". */
export function matchesTop5(
  original: ArrayLike<number>,
  reconstruction: ArrayLike<number>,
): boolean {
  return topIndices(reconstruction, 5).includes(topIndices(original, 1)[0]!);
}
