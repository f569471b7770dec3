import type { Matrix } from '../../metrics/matrix-product.js';

/**
 * Orthonormal basis [C − r, C] of what is orthogonal to r independent rows [r, C]: the last columns of the
 * orthogonal factor of a QR decomposition by Householder reflections.
 */
export function orthogonalComplement({ rows: count, columns: width, data }: Matrix): Matrix {
  const normals: Float64Array[] = [];
  for (let k = 0; k < count; k++) {
    const column = data.slice(k * width, (k + 1) * width);
    normals.forEach((normal) => reflect(column, normal));
    normals.push(mirrorNormal(column, k));
  }
  normals.reverse();
  const complement = new Float64Array((width - count) * width);
  for (let k = count; k < width; k++) {
    const axis = complement.subarray((k - count) * width, (k - count + 1) * width);
    axis[k] = 1;
    normals.forEach((normal) => reflect(axis, normal));
  }
  return { rows: width - count, columns: width, data: complement };
}

/** Unit normal of the mirror that takes the entries from `start` on to a multiple of the axis `start`. */
function mirrorNormal(column: Float64Array, start: number): Float64Array {
  const normal = column.slice().fill(0, 0, start);
  // The sign that avoids cancellation.
  normal[start]! += normal[start]! < 0 ? -norm(normal) : norm(normal);
  const length = norm(normal);
  return normal.map((value) => value / length);
}

const norm = (x: Float64Array): number =>
  Math.sqrt(x.reduce((sum, value) => sum + value * value, 0));

function reflect(x: Float64Array, normal: Float64Array): void {
  let product = 0;
  for (let i = 0; i < x.length; i++) product += x[i]! * normal[i]!;
  for (let i = 0; i < x.length; i++) x[i]! -= 2 * product * normal[i]!;
}
