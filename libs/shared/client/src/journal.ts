/** Keeps batches until the server has them. */
export interface Journal {
  /** Batches of an earlier process that the server may not have, oldest first. */
  readonly recovered: readonly { readonly bytes: Uint8Array; readonly points: number }[];
  /** Keeps a batch. Must not throw, and must not wait. @returns what reads it back, where it could be kept */
  append(frame: Uint8Array): (() => Uint8Array) | undefined;
  /** The oldest batch is with the server. */
  acknowledge(): void;
  /** @param delivered whether everything is with the server */
  close(delivered: boolean): Promise<void>;
}
