/** A camera that looks at the middle of a square of side 2 from the side and from above. */
export interface Camera {
  /** Degrees about the upright axis, and above the ground. */
  readonly turn: number;
  readonly tilt: number;
  /** Width over height of the picture. */
  readonly aspect: number;
}

/** Height of the relief over its ground, where the ground is 2 wide. */
export const tallness = 0.9;
const distance = 4.6;
const focal = 2.9;

/** Columns of the matrix that takes (x, y, z, 1), x and y in −1 … 1 on the ground and z up in 0 … 1, to clip space. */
export function cameraMatrix({ turn, tilt, aspect }: Camera): Float32Array {
  const [a, e] = [(turn * Math.PI) / 180, (tilt * Math.PI) / 180];
  const [ca, sa, ce, se] = [Math.cos(a), Math.sin(a), Math.cos(e), Math.sin(e)];
  // Right, up and depth of a point, with the middle of the relief at the origin.
  const right = [ca, sa, 0, 0];
  const up = [-sa * se, ca * se, tallness * ce, (-tallness / 2) * ce];
  const depth = [sa * ce, -ca * ce, tallness * se, (-tallness / 2) * se];
  const w = depth.map((x, i) => -x + (i === 3 ? distance : 0));
  const z = depth.map((x, i) => (-x + (i === 3 ? distance : 0)) * 1.02 - (i === 3 ? 2 : 0));
  const rows = [right.map((x) => (x * focal) / aspect), up.map((x) => x * focal), z, w];
  return Float32Array.from({ length: 16 }, (_, i) => rows[i % 4][Math.floor(i / 4)]);
}

/** Where a point of the relief stands in the picture, from the top left in 0 … 1. */
export function projected(matrix: Float32Array, [x, y, z]: readonly [number, number, number]): readonly [number, number] {
  const row = (i: number) => matrix[i] * x + matrix[4 + i] * y + matrix[8 + i] * z + matrix[12 + i];
  return [0.5 + (0.5 * row(0)) / row(3), 0.5 - (0.5 * row(1)) / row(3)];
}

/** The corners of a grid of heights as [x, y, z], and the triangles between them. */
export function meshOf(heights: ArrayLike<number>, side: number): { readonly corners: Float32Array; readonly triangles: Uint16Array } {
  const corners = new Float32Array(3 * side * side);
  for (let i = 0; i < side * side; i++) corners.set([(2 * (i % side)) / (side - 1) - 1, 1 - (2 * Math.floor(i / side)) / (side - 1), heights[i]], 3 * i);
  const triangles = new Uint16Array(6 * (side - 1) ** 2);
  let at = 0;
  for (let row = 0; row < side - 1; row++) {
    for (let column = 0; column < side - 1; column++) {
      const i = row * side + column;
      triangles.set([i, i + side, i + 1, i + 1, i + side, i + side + 1], at);
      at += 6;
    }
  }
  return { corners, triangles };
}
