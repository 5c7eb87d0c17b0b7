import type { ServerResponse } from 'node:http';
import type { Writable } from 'node:stream';

/** Where a stream's bytes go. */
export interface Sink {
  /** @returns whether the reader keeps up; if not, `ready` says when it has caught up */
  write(bytes: string | Buffer): boolean;
  ready(): Promise<unknown>;
  onClose(closed: () => void): void;
  end(): void;
  fail(error: unknown): void;
}

/** Resolves when a reader has caught up, or is gone. */
export const drained = (stream: Writable): Promise<void> => new Promise((resolve) => {
  const settle = (): void => {
    stream.off('drain', settle).off('close', settle);
    resolve();
  };
  stream.once('drain', settle).once('close', settle);
});

/** An HTTP answer as a sink. */
export const responseSink = (response: ServerResponse): Sink => ({
  write: (bytes) => {
    const { socket } = response;
    if (typeof bytes === 'string' || !socket || !response.chunkedEncoding || response.writableNeedDrain) return response.write(bytes);
    return socket.write(chunkOf(bytes));
  },
  ready: () => drained(response.socket?.writableNeedDrain ? response.socket : response),
  onClose: (closed) => void response.once('close', closed),
  end: () => void response.end(),
  fail: (error) => void response.destroy(error instanceof Error ? error : new Error(String(error))),
});

/** Chunks of HTTP/1.1, by the bytes in them. */
const chunks = new WeakMap<Buffer, Buffer>();

/** Bytes as a chunk: one buffer for however many readers, where an answer writes each its length, its bytes and its end. */
function chunkOf(bytes: Buffer): Buffer {
  const known = chunks.get(bytes);
  if (known) return known;
  const chunk = Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);
  chunks.set(bytes, chunk);
  return chunk;
}
