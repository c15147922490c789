/**
 * Solves A·x = b by Cholesky's factorisation. `matrix` is row-major, `size` × `size`; its lower triangle is read and overwritten.
 * A pivot that rounding made negative is lifted, so that a flat direction gives a short step instead of none.
 */
export function solvePositiveDefinite(matrix: Float64Array, right: Float64Array, size: number): Float64Array {
  for (let row = 0; row < size; row++) {
    const rowAt = row * size;
    for (let column = 0; column <= row; column++) {
      const columnAt = column * size;
      let sum = matrix[rowAt + column]!;
      for (let k = 0; k < column; k++) sum -= matrix[rowAt + k]! * matrix[columnAt + k]!;
      if (column < row) matrix[rowAt + column] = sum / matrix[columnAt + column]!;
      else matrix[rowAt + row] = Math.sqrt(Math.max(sum, 1e-12 * Math.max(1, Math.abs(matrix[rowAt + row]!))));
    }
  }
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    let sum = solution[row]!;
    for (let k = 0; k < row; k++) sum -= matrix[row * size + k]! * solution[k]!;
    solution[row] = sum / matrix[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    let sum = solution[row]!;
    for (let k = row + 1; k < size; k++) sum -= matrix[k * size + row]! * solution[k]!;
    solution[row] = sum / matrix[row * size + row]!;
  }
  return solution;
}
