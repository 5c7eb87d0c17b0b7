import { beginOf, Buckets, bucketWidth, type Axis } from './buckets.ts';
import type { Points } from './points.ts';

/** Into how many buckets a curve is merged, and on which axis these are equally wide. */
export interface Merging {
  readonly points: number;
  readonly axis: Axis;
  readonly log: boolean;
  /** Where a logarithmic axis begins. */
  readonly origin: number;
}

/** A curve as it was read, before its buckets are merged: points and buckets, one after the other, in the arrays in which they are kept. */
export class FineCurve {
  /** Points and buckets in it. */
  length = 0;
  private readonly pieces: (Points | Buckets)[] = [];

  addPoints(points: Points): void {
    if (points.step.length > 0) this.pieces.push(points);
    this.length += points.step.length;
  }

  addBuckets(buckets: Buckets): void {
    if (buckets.length > 0) this.pieces.push(buckets);
    this.length += buckets.length;
  }

  /** Merges it into at most `points` buckets, equally wide on the axis (or on its logarithm). Fewer than asked for pass as they are. */
  merged({ points, axis, log, origin }: Merging): Buckets {
    const merged = new Buckets(Math.min(points, this.length));
    if (this.length <= points) {
      for (const piece of this.pieces) {
        if (piece instanceof Buckets) merged.append(piece);
        else for (let i = 0; i < piece.step.length; i += 1) merged.addPoint(piece.step[i], piece.wall[i], piece.value[i]);
      }
      return merged;
    }
    const [position, back] = log ? [(x: number) => Math.log1p(Math.max(0, x - origin)), (p: number) => origin + Math.expm1(p)] : [(x: number) => x, (p: number) => p];
    const places = this.pieces.map((piece) => placesOf(piece, axis));
    const [first, last] = [places[0], places[places.length - 1]];
    const low = position(first.x[first.offset]);
    const width = (position(last.x[last.offset + (last.length - 1) * last.stride]) - low) / points || 1;
    let group = -1;
    for (const [k, { x, offset, stride, length }] of places.entries()) {
      for (let begin = 0; begin < length;) {
        const mine = Math.max(group, Math.min(points - 1, Math.floor((position(x[offset + begin * stride]) - low) / width)));
        const limit = mine === points - 1 ? Infinity : back(low + (mine + 1) * width);
        let end = begin + 1;
        for (let at = offset + end * stride; end < length && x[at] < limit; at += stride) end += 1;
        take(merged, this.pieces[k], begin, end, mine > group);
        group = mine;
        begin = end;
      }
    }
    return merged;
  }
}

/** Where on an axis each point or bucket of a piece begins: `x[offset + i · stride]`. */
const placesOf = (piece: Points | Buckets, axis: Axis) =>
  (piece instanceof Buckets ? { x: piece.rows(), offset: beginOf(axis), stride: bucketWidth, length: piece.length } : { x: piece[axis], offset: 0, stride: 1, length: piece.step.length });

/** Puts a stretch of a piece into a new bucket, or into the last one. */
function take(merged: Buckets, piece: Points | Buckets, begin: number, end: number, isNew: boolean): void {
  let at = begin;
  if (piece instanceof Buckets) {
    if (isNew) merged.add(piece, at++);
    for (; at < end; at += 1) merged.extend(piece, at);
  } else {
    if (isNew) merged.addPoint(piece.step[at], piece.wall[at], piece.value[at++]);
    merged.extendPoints(piece, at, end);
  }
}
