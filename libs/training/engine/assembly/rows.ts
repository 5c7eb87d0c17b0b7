/** Rows moved by index: look-ups in a table (embedding, gather) and their gradient. */

/** out[i] = table[ids[i]], rows of `width` floats. */
export function gatherRows(table: usize, ids: usize, count: i32, width: i32, out: usize): void {
  const row = <usize>width << 2;
  for (let i = 0; i < count; i++) memory.copy(out + <usize>i * row, table + <usize>load<i32>(ids + (<usize>i << 2)) * row, row);
}

/** sums[ids[i]] += rows[i], after setting the sums [segments, width] to 0; ids outside [0, segments) are left out. Columns [first, end) only. */
export function segmentSum(rows: usize, ids: usize, count: i32, width: i32, segments: i32, first: i32, end: i32, sums: usize): void {
  for (let s = 0; s < segments; s++) memory.fill(sums + (<usize>(s * width + first) << 2), 0, <usize>(end - first) << 2);
  for (let i = 0; i < count; i++) {
    const segment = load<i32>(ids + (<usize>i << 2));
    if (segment < 0 || segment >= segments) continue;
    const from = rows + (<usize>i * width << 2);
    const to = sums + (<usize>segment * width << 2);
    let c = first;
    for (; c + 4 <= end; c += 4) {
      const at = <usize>c << 2;
      v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
    }
    for (; c < end; c++) {
      const at = <usize>c << 2;
      store<f32>(to + at, load<f32>(to + at) + load<f32>(from + at));
    }
  }
}

/** sums[c] = Σ over rows of x[row, c], for columns [first, end): the gradient of a bias. */
export function columnSums(x: usize, count: i32, width: i32, first: i32, end: i32, sums: usize): void {
  const row = <usize>width << 2;
  let c = first;
  for (; c + 8 <= end; c += 8) {
    let s0 = f32x4.splat(0), s1 = s0;
    let from = x + (<usize>c << 2);
    for (let i = 0; i < count; i++, from += row) {
      s0 = f32x4.add(s0, v128.load(from));
      s1 = f32x4.add(s1, v128.load(from, 16));
    }
    v128.store(sums + (<usize>c << 2), s0);
    v128.store(sums + (<usize>c << 2), s1, 16);
  }
  for (; c < end; c++) {
    let s: f32 = 0;
    let from = x + (<usize>c << 2);
    for (let i = 0; i < count; i++, from += row) s += load<f32>(from);
    store<f32>(sums + (<usize>c << 2), s);
  }
}
