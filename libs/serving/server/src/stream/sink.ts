import type { ServerResponse } from 'node:http';

/** Where a stream's bytes go. */
export interface Sink {
  /** @returns whether the reader keeps up; if not, `ready` says when it has caught up */
  write(bytes: string | Buffer): boolean;
  ready(): Promise<unknown>;
  onClose(closed: () => void): void;
  end(): void;
  fail(error: unknown): void;
}

/** Resolves when an answer's reader has caught up, or is gone. */
export const drained = (response: ServerResponse): Promise<void> => new Promise((resolve) => {
  const settle = (): void => {
    response.off('drain', settle).off('close', settle);
    resolve();
  };
  response.once('drain', settle).once('close', settle);
});

/** An HTTP answer as a sink. */
export const responseSink = (response: ServerResponse): Sink => ({
  write: (bytes) => response.write(bytes),
  ready: () => drained(response),
  onClose: (closed) => void response.once('close', closed),
  end: () => void response.end(),
  fail: (error) => void response.destroy(error instanceof Error ? error : new Error(String(error))),
});
