/** Points by column. */
export interface Points {
  readonly step: Float64Array;
  readonly wall: Float64Array;
  readonly value: Float64Array;
}
